"""What a new version means for those who signed the one before: at the gate, for the staff, and in the ceremony."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from clients.models import Client
from consent.decide import Allow, NeedSign
from consent.kinds import ChangeClass, EventKind
from consent.limits import Limit
from consent.models import Event, Record
from consent.purposes import Purpose
from consent.record import Check
from consent.services.ceremony import AlreadySigned, Done, StaleText, finish_section
from consent.services.deciding import decide_for, state_of, states_of, steps_of
from consent.services.publishing import Review
from consent.services.reading import progress_of
from consent.services.refusing import decline, withdraw
from consent.timeline import Status
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.consent import rows
from tests.consent.choices import publish
from tests.consent.pages import Reader


@pytest.fixture
def manager(cast: Cast):
    return cast.manager.as_(Role.MANAGER)


@pytest.fixture
def robin(cast: Cast) -> Client:
    """Robin, who signed the shipped text."""
    sign_consent(cast.robin)
    return Client.objects.get(pk=cast.robin.client_id)


@pytest.fixture
def page(robin: Client, cast: Cast, signed_in: SignIn) -> Reader:
    return Reader(cast.robin, signed_in(cast.robin.person))


def may_write(client: Client, *, session_at: datetime | None = None):
    now = timezone.now()
    return decide_for(client=client, purpose=Purpose.SESSION_NOTE, session_at=session_at or now, at=now)


class TestMaterial:
    def test_the_old_signature_carries_work_on(self, robin, manager):
        publish(manager)
        standing = state_of(client=robin, at=timezone.now())
        assert isinstance(may_write(robin), Allow)
        assert (standing.state.status, standing.words) == (Status.SUPERSEDED, "signed an earlier version")
        assert standing.is_signed

    def test_it_does_so_without_end(self, robin, manager):
        publish(manager)
        later = timezone.now() + timedelta(days=400)
        decision = decide_for(client=robin, purpose=Purpose.SESSION_NOTE, session_at=later, at=later)
        assert isinstance(decision, Allow)

    def test_the_client_is_asked_to_sign_and_can(self, robin, manager, cast, page):
        publish(manager)
        first = page.get("/", follow=True).content.decode()
        assert "This form has changed since you signed it" in first
        assert "What you signed holds until you sign the new one" in first
        begin = page.get().content.decode()
        assert "What is new" in begin
        assert "In Oregon the law says" in begin
        assert "In this state the law says" in begin
        assert "Your privacy comes first" not in begin
        sign_consent(cast.robin)
        assert state_of(client=robin, at=timezone.now()).state.status is Status.SIGNED
        newer = Record.objects.order_by("signed_at").last()
        assert newer.version.version == "1.1.0"
        assert newer.prev.version.version == "1.0.0"
        assert "has changed" not in page.get("/", follow=True).content.decode()

    def test_the_client_may_take_the_old_signature_back_instead(self, robin, manager, cast, page):
        publish(manager)
        assert page.at("take-back/") in page.get().content.decode()
        by, now = cast.robin.person.as_(Role.CLIENT), timezone.now()
        withdraw(by=by, client=cast.robin.record, reason="", nonce=uuid4(), at=now)
        assert state_of(client=robin, at=timezone.now()).state.status is Status.WITHDRAWN

    def test_saying_no_to_the_new_one_leads_to_taking_back_the_old(self, robin, manager, cast):
        publish(manager)
        by, now = cast.robin.person.as_(Role.CLIENT), timezone.now()
        with pytest.raises(AlreadySigned):
            decline(by=by, client=cast.robin.record, reason="", nonce=uuid4(), at=now)
        assert "take your signature back" in AlreadySigned.message


class TestUrgent:
    def test_the_old_signature_opens_no_new_session_note(self, robin, manager):
        version = publish(manager, change=ChangeClass.URGENT)
        assert may_write(robin) == NeedSign(version, None)
        assert not state_of(client=robin, at=timezone.now()).is_signed

    def test_a_session_before_it_can_still_be_written_down(self, robin, manager):
        session_at = timezone.now()
        publish(manager, change=ChangeClass.URGENT, at=session_at + timedelta(seconds=1))
        later = session_at + timedelta(days=3)
        decision = decide_for(client=robin, purpose=Purpose.SESSION_NOTE, session_at=session_at, at=later)
        assert isinstance(decision, Allow)

    def test_the_client_is_told_before_the_next_session_and_signing_opens_it(self, robin, manager, cast, page):
        publish(manager, change=ChangeClass.URGENT)
        assert "before your next session" in page.get("/", follow=True).content.decode()
        sign_consent(cast.robin)
        assert isinstance(may_write(robin), Allow)

    def test_it_counts_though_a_material_change_came_first(self, robin, manager):
        publish(manager)
        publish(manager, change=ChangeClass.URGENT, past_abuse="always")
        assert isinstance(may_write(robin), NeedSign)

    def test_it_is_over_for_who_signed_it_though_a_material_change_follows(self, robin, manager, cast):
        publish(manager, change=ChangeClass.URGENT)
        sign_consent(cast.robin)
        publish(manager, past_abuse="always")
        assert isinstance(may_write(robin), Allow)


class TestSameWords:
    def test_a_review_asks_nobody_to_sign_again(self, robin, manager, cast, page):
        publish(manager)
        sign_consent(cast.robin)
        publish(manager, review=Review("Ada Counsel", timezone.now().date()))
        assert state_of(client=robin, at=timezone.now()).state.status is Status.SIGNED
        assert progress_of(client=robin, at=timezone.now()).is_signed
        assert "You signed this form" in page.get().content.decode()
        assert "What is new" not in page.get().content.decode()


class TestWhoIsReading:
    def test_signs_the_new_version_and_not_the_one_that_was_begun(self, manager, cast):
        by, now = cast.robin.person.as_(Role.CLIENT), timezone.now()
        client = cast.robin.record
        old = progress_of(client=client, at=now).text.id
        publish(manager)
        done = Done(old, Limit.PRIVACY, Check.RIGHT, uuid4())
        with pytest.raises(StaleText):
            finish_section(by=by, client=client, done=done, at=timezone.now())
        assert not Event.objects.filter(kind=EventKind.SECTION_DONE).exists()
        sign_consent(cast.robin)
        assert Record.objects.get().version.version == "1.1.0"

    def test_a_signature_of_the_old_text_given_in_the_same_moment_is_superseded_too(self, robin, manager):
        signed = Event.objects.get(kind=EventKind.SIGNED)
        publish(manager, change=ChangeClass.URGENT, at=signed.at - timedelta(milliseconds=1))
        assert state_of(client=robin, at=timezone.now()).state.status is Status.SUPERSEDED
        assert [step.at for step in steps_of(robin) if step.kind is EventKind.SUPERSEDED] == [signed.at]


class TestManyClients:
    def test_each_stands_by_what_they_signed_themselves(self, robin, manager, cast):
        publish(manager)
        sign_consent(cast.noor)
        noor, nobody = Client.objects.get(pk=cast.noor.client_id), rows.client()
        states = states_of(clients=[robin, noor, nobody], at=timezone.now())
        assert [states[client.pk].state.status for client in (robin, noor, nobody)] == [
            Status.SUPERSEDED,
            Status.SIGNED,
            Status.NONE,
        ]

    def test_publishing_writes_nothing_about_any_client(self, robin, manager):
        before = Event.objects.count()
        publish(manager)
        assert Event.objects.count() == before

    def test_costs_one_query_more_for_all_of_them(self, robin, cast, django_assert_num_queries):
        sign_consent(cast.noor)
        clients = list(Client.objects.all())
        with django_assert_num_queries(2):
            states_of(clients=clients, at=timezone.now())
