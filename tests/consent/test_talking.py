"""Questions and answers: about what, sealed from whom, and what a look at them is called."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Outcome
from audit.models import Entry
from clients.models import Care
from clients.services.caring import start_care
from clients.services.finding import NoSuchClient
from consent.kinds import EmergencyCode, EventKind, Topic
from consent.limits import Limit
from consent.models import Event, Version
from consent.services.deciding import state_of
from consent.services.discussing import mark_discussed
from consent.services.looking import look_at_consent, look_at_questions
from consent.services.overriding import Emergency, open_override
from consent.services.talking import (
    Answering,
    Asked,
    NoSuchQuestion,
    answer_question,
    ask_question,
    look_at_talks,
    titles_at,
)
from consent.timeline import Status
from keys.errors import NoGrant
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.consent.talking import Room

CANARY = "my cousin Perpetua reads the mail"


def before_any_text() -> datetime:
    return min(Version.objects.values_list("effective_at", flat=True)) - timedelta(minutes=1)


def assert_nothing_asked() -> None:
    assert not Event.objects.filter(kind__in=[EventKind.QUESTION_ASKED, EventKind.ANSWERED]).exists()
    assert not Entry.objects.filter(action__in=[Act.CONSENT_ASKED, Act.CONSENT_ANSWERED]).exists()


class TestAsk:
    @pytest.mark.parametrize("about", [*Limit, *Topic])
    def test_takes_a_question_on_everything_that_is_offered(self, room: Room, about):
        assert about in titles_at(timezone.now())
        room.ask(about)
        [talk] = room.talks()
        assert (talk.about, talk.question, talk.answers) == (about, "Who types the notes?", ())

    def test_names_the_part_it_belongs_to(self, room: Room):
        room.ask(Limit.PAYMENT)
        room.ask(Topic.LOOK)
        assert [talk.title for talk in room.talks()] == ["Part 5: Insurance and payment", "Who opened the record"]

    def test_is_possible_after_the_signature(self, room: Room, cast: Cast):
        sign_consent(cast.robin)
        room.ask(Limit.ABUSE)
        assert room.waiting == 1
        assert state_of(client=room.client, at=timezone.now()).is_signed

    def test_is_not_yet_reading(self, room: Room):
        room.ask(Topic.LOOK)
        assert state_of(client=room.client, at=timezone.now()).state.status is Status.NONE

    def test_the_same_form_twice_is_one_question(self, room: Room):
        nonce = uuid4()
        room.ask(nonce=nonce)
        room.ask(nonce=nonce)
        assert len(room.talks()) == 1
        assert Entry.objects.filter(action=Act.CONSENT_ASKED).count() == 1

    def test_a_part_of_no_text_is_refused(self, room: Room):
        with pytest.raises(NoSuchQuestion):
            room.ask(Limit.PAYMENT, at=before_any_text())
        assert_nothing_asked()

    def test_without_a_text_there_is_still_something_to_ask(self, room: Room):
        assert list(titles_at(before_any_text())) == [Topic.OTHER, Topic.LOOK]
        room.ask(Topic.LOOK, at=before_any_text())
        assert room.waiting == 1

    def test_neither_words_nor_topic_stand_in_the_clear(self, room: Room):
        room.ask(Topic.LOOK, CANARY)
        event = Event.objects.get(kind=EventKind.QUESTION_ASKED)
        assert (event.section, event.version_id) == ("", None)
        clear = f"{event.__dict__}".replace(str(event.sealed_detail), "") + f"{bytes(event.sealed_detail or b'')!r}"
        assert "Perpetua" not in clear
        assert "look" not in clear
        assert not any(b"Perpetua" in bytes(body) for body in Entry.objects.values_list("body", flat=True))

    def test_carries_only_the_minute(self, room: Room):
        room.ask(Topic.OTHER)
        event = Event.objects.get(kind=EventKind.QUESTION_ASKED)
        assert event.at.second == event.at.microsecond == 0


class TestAnswer:
    def test_ends_the_waiting_of_that_question_alone(self, room: Room):
        room.ask(Topic.OTHER, "First?")
        room.ask(Topic.OTHER, "Second?")
        first = next(talk for talk in room.talks() if talk.question == "First?")
        # Two answers to one question do not answer the other.
        room.answer("Yes.", question=first.id)
        room.answer("And no.", question=first.id)
        assert room.waiting == 1
        answered = next(talk for talk in room.talks() if talk.question == "First?")
        assert [answer.text for answer in answered.answers] == ["Yes.", "And no."]

    @pytest.mark.parametrize("question", ["nobody's", "another client's", "no question"])
    def test_to_what_this_client_did_not_ask_is_refused(self, room: Room, cast: Cast, question: str):
        if question == "another client's":
            noor = cast.noor.person.as_(Role.CLIENT)
            asked = Asked(Topic.OTHER, "Mine?", uuid4())
            ask_question(by=noor, client=cast.noor.record, asked=asked, at=timezone.now())
            event_id = Event.objects.get(kind=EventKind.QUESTION_ASKED).id
        elif question == "no question":
            sign_consent(cast.robin)
            event_id = Event.objects.get(kind=EventKind.SIGNED).id
        else:
            event_id = uuid4()
        with pytest.raises(NoSuchQuestion):
            room.answer(question=event_id)
        assert not Event.objects.filter(kind=EventKind.ANSWERED).exists()
        assert not Entry.objects.filter(action=Act.CONSENT_ANSWERED).exists()

    def test_needs_the_key_to_what_the_client_shares(self, room: Room, cast: Cast):
        room.ask()
        manager, sam = cast.manager.as_(Role.MANAGER), cast.sam.as_(Role.THERAPIST)
        start_care(by=manager, client=room.client, therapist_id=cast.sam.user.pk, at=timezone.now())
        seen = look_at_questions(by=sam, client=room.client, at=timezone.now())
        assert (seen.talks, seen.lacks_key) == ((), True)
        answer = Answering(Event.objects.get(kind=EventKind.QUESTION_ASKED).id, "Hello", uuid4())
        with pytest.raises(NoGrant):
            answer_question(by=sam, client=room.client, answer=answer, at=timezone.now())
        assert not Event.objects.filter(kind=EventKind.ANSWERED).exists()


class TestLook:
    def test_is_recorded_before_anything_opens(self, room: Room):
        room.ask()
        look_at_talks(by=room.dana, client=room.client, at=timezone.now())
        entry = Entry.objects.get(action=Act.CONSENT_ANSWERS_READ)
        assert (entry.obj_id, entry.actor_id) == (room.client.pk, room.dana.audit_id)

    def test_leaves_no_entry_where_nothing_was_asked(self, room: Room):
        assert room.talks() == ()
        assert not Entry.objects.filter(action=Act.CONSENT_ANSWERS_READ).exists()

    def test_a_part_that_the_text_does_not_have_goes_by_its_code(self, room: Room):
        room.ask(Limit.PAYMENT)
        assert [talk.title for talk in room.talks(at=before_any_text())] == ["payment"]


class TestOnceTheCareHasEnded:
    """Between the page and the press, somebody ended it: as unknown as any other client."""

    def test_nothing_is_answered(self, room: Room):
        room.ask()
        Care.objects.filter(client=room.client).update(ended_at=timezone.now())
        with pytest.raises(NoSuchClient):
            room.answer()
        assert not Event.objects.filter(kind=EventKind.ANSWERED).exists()
        [refusal] = Entry.objects.filter(outcome=Outcome.DENIED)
        assert (refusal.action, refusal.actor_id, refusal.obj_id) == (
            Act.ACCESS_REFUSED,
            room.dana.audit_id,
            room.client.pk,
        )

    def test_no_talk_is_ticked(self, room: Room):
        Care.objects.filter(client=room.client).update(ended_at=timezone.now())
        with pytest.raises(NoSuchClient):
            mark_discussed(by=room.dana, client=room.client, at=timezone.now())
        assert Entry.objects.filter(outcome=Outcome.DENIED).count() == 1


def test_an_answer_to_a_question_of_nobody_is_a_page_that_is_not_there(cast: Cast, signed_in: SignIn):
    form = {"nonce": uuid4(), "question": uuid4(), "text": "Hello"}
    page = signed_in(cast.dana).post(f"/clients/{cast.robin.client_id}/questions/", form)
    assert page.status_code == 404
    assert Entry.objects.filter(outcome=Outcome.DENIED).count() == 1


class TestWhatALookIsCalled:
    """The log says what was opened: no more, and no less."""

    def looks(self) -> list[str]:
        acts = [Act.CLIENT_READ, Act.CONSENT_READ, Act.CONSENT_ANSWERS_READ, Act.OVERRIDE_READ]
        return list(Entry.objects.filter(action__in=acts).order_by("pk").values_list("action", flat=True))

    def test_before_anything_was_said(self, room: Room):
        look_at_questions(by=room.dana, client=room.client, at=timezone.now())
        look_at_consent(by=room.dana, client=room.client, at=timezone.now())
        assert self.looks() == [Act.CLIENT_READ, Act.CLIENT_READ]

    def test_with_a_question(self, room: Room):
        room.ask()
        look_at_questions(by=room.dana, client=room.client, at=timezone.now())
        look_at_consent(by=room.dana, client=room.client, at=timezone.now())
        assert self.looks() == [Act.CONSENT_ANSWERS_READ, Act.CONSENT_ANSWERS_READ]

    def test_with_a_signature_and_a_question(self, room: Room, cast: Cast):
        sign_consent(cast.robin)
        look_at_consent(by=room.dana, client=room.client, at=timezone.now())
        assert self.looks() == [Act.CONSENT_READ]
        room.ask()
        look_at_consent(by=room.dana, client=room.client, at=timezone.now())
        assert self.looks() == [Act.CONSENT_READ, Act.CONSENT_READ, Act.CONSENT_ANSWERS_READ]

    def test_with_an_emergency_reason(self, room: Room):
        emergency = Emergency(EmergencyCode.ACUTE_CRISIS, "Found in distress.", "Crisis", uuid4())
        open_override(by=room.dana, client=room.client, emergency=emergency, at=timezone.now())
        look_at_consent(by=room.dana, client=room.client, at=timezone.now())
        assert self.looks() == [Act.OVERRIDE_READ]

    def test_while_the_key_is_awaited(self, room: Room, cast: Cast):
        room.ask()
        manager, sam = cast.manager.as_(Role.MANAGER), cast.sam.as_(Role.THERAPIST)
        start_care(by=manager, client=room.client, therapist_id=cast.sam.user.pk, at=timezone.now())
        assert look_at_questions(by=sam, client=room.client, at=timezone.now()).lacks_key
        assert look_at_consent(by=sam, client=room.client, at=timezone.now()).lacks_key
        assert self.looks() == [Act.CLIENT_READ, Act.CLIENT_READ]
