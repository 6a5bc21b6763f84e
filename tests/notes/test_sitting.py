"""A sitting: each draft is shown whole and signed for itself, and nothing that somebody has not read."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from access.models import KeySession
from audit.acts import Act
from consent.limits import Limit
from notes.forms.sitting import SittingForm
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services import sitting
from notes.services.drafting import save_draft
from notes.services.sitting import Ticked, review_all, sign_all
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, denied, done, fields_of


@pytest.fixture
def three(desk):
    """Three drafts, the oldest session first."""
    now, kinds = timezone.now().replace(microsecond=0), (NoteKind.CALL, NoteKind.SAFETY, NoteKind.MESSAGE)
    return [desk.write(kind, session_at=now - timedelta(hours=3 - place)) for place, kind in enumerate(kinds)]


def review(desk):
    return review_all(by=desk.by, at=timezone.now())


def sign(desk, drafts, **changes):
    ticked = [Ticked(draft.pk, draft.revision, **changes) for draft in drafts]
    return sign_all(by=desk.by, ticked=ticked, at=timezone.now())


class TestReviewAll:
    def test_shows_each_whole_after_a_look_of_its_own_the_oldest_first(self, desk, three, log):
        heard = log()
        shown = review(desk)
        assert [one.draft for one in shown.reviewed] == three
        assert heard.acts == [done(Act.DRAFT_OPENED)] * 3
        for one in shown.reviewed:
            texts = [answer.text for answer in one.answers]
            assert texts == [text for text in fields_of(one.draft.note_kind).values() if text]
        assert shown.count_ready == 3

    def test_says_what_keeps_one_from_being_signed(self, desk, three):
        save_draft(by=desk.by, draft=three[1], revision=1, fields={"concern": "Alone."}, at=timezone.now())
        _, unready, _ = review(desk).reviewed
        assert not unready.is_ready
        assert [answer.problem for answer in unready.answers if answer.problem] == ["Not answered yet."] * 2

    def test_leaves_out_what_was_never_written_in(self, desk):
        desk.begin()
        assert review(desk).reviewed == []

    def test_shows_the_oldest_and_counts_the_others(self, desk, three, monkeypatch):
        monkeypatch.setattr(sitting, "AT_ONCE", 2)
        shown = review(desk)
        assert ([one.draft for one in shown.reviewed], shown.more) == (three[:2], 1)

    def test_goes_on_past_one_that_does_not_open(self, desk, three):
        Draft.objects.filter(pk=three[0].pk).update(minutes=7)
        closed, *others = review(desk).reviewed
        assert (closed.desk, closed.answers, closed.is_ready) == (None, (), False)
        assert all(one.is_ready for one in others)

    def test_tells_beforehand_what_will_be_a_late_entry(self, desk):
        desk.write(NoteKind.CALL, session_at=timezone.now() - timedelta(hours=73))
        desk.write(NoteKind.CALL)
        assert [one.is_late for one in review(desk).reviewed] == [True, False]

    def test_shows_nobody_elses(self, desk, three, sams_desk):
        assert review(sams_desk).reviewed == []


class TestSignAll:
    def test_signs_each_as_an_act_of_its_own(self, desk, three, log):
        heard = log()
        outcome = sign(desk, three)
        assert heard.acts == [done(Act.DRAFT_OPENED), done(Act.NOTE_WRITTEN)] * 3
        assert {note.pk for note in outcome.signed} == {draft.pk for draft in three}
        assert not Draft.objects.exists()

    def test_signs_only_what_was_ticked(self, desk, three):
        sign(desk, three[:1])
        assert set(Draft.objects.all()) == set(three[1:])

    def test_signs_nothing_that_was_typed_since(self, desk, three, log):
        later = {"text": f"Another text. {CANARY}"}
        save_draft(by=desk.by, draft=three[0], revision=1, fields=later, at=timezone.now())
        heard = log()
        outcome = sign(desk, three)
        assert "changed in another window" in outcome.refused[0]
        assert denied(Act.NOTE_REFUSED) in heard.acts
        assert list(Draft.objects.all()) == three[:1]
        assert len(outcome.signed) == 2

    def test_is_held_up_by_none_that_cannot_be_signed(self, desk, three, sams_desk):
        Draft.objects.filter(pk=three[1].pk).update(minutes=7)
        foreign = sams_desk.write(NoteKind.CALL)
        outcome = sign(desk, [foreign, *three])
        assert len(outcome.refused) == 2
        assert {note.pk for note in outcome.signed} == {three[0].pk, three[2].pk}
        assert set(Draft.objects.all()) == {three[1], foreign}

    def test_keeps_what_is_signed_where_the_database_fails(self, desk, three, monkeypatch):
        really = sitting.sign_note

        def sign_until_the_disk_is_full(**facts):
            if facts["draft_id"] == three[1].pk:
                raise OperationalError("database or disk is full")
            return really(**facts)

        monkeypatch.setattr(sitting, "sign_note", sign_until_the_disk_is_full)
        outcome = sign(desk, three)
        assert outcome.broken
        assert [note.pk for note in outcome.signed] == [three[0].pk]
        assert Note.objects.get().pk == three[0].pk
        assert set(Draft.objects.all()) == set(three[1:])

    def test_asks_for_the_talk_where_something_stayed_unclear(self, cast, unsigned):
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        draft = unsigned.write()
        assert "Talk about them first" in sign(unsigned, [draft]).refused[0]
        assert sign(unsigned, [draft], talked=True).signed


class TestTheForm:
    @pytest.mark.parametrize(
        "drafts", [[], ["x"], ["x:1"], [f"{uuid4()}:x"], [f"{uuid4()}:-1"], [f"{uuid4()}:1"] * 21, [f"{uuid4()}"]]
    )
    def test_takes_nothing_but_what_a_page_makes(self, drafts):
        assert not SittingForm({"drafts": drafts}).is_valid()


class TestThePages:
    @pytest.fixture
    def dana(self, cast, signed_in):
        return signed_in(cast.dana)

    def test_lead_from_today_to_all_of_it_signed(self, dana, three):
        today = dana.get("/today/").content.decode()
        assert "Review and sign 3 notes" in today
        page = dana.get("/drafts/review/").content.decode()
        assert page.count(CANARY) >= 3
        assert f'value="{three[0].pk}:1"' in page
        sent = {"drafts": [f"{draft.pk}:1" for draft in three]}
        signed = dana.post("/drafts/sign/", sent, follow=True).content.decode()
        assert "3 notes signed and locked." in signed
        assert Note.objects.count() == 3
        assert "Nothing is waiting to be signed." in dana.get("/drafts/review/").content.decode()

    def test_tick_nothing_beforehand_and_sign_nothing_unticked(self, dana, three):
        assert " checked" not in dana.get("/drafts/review/").content.decode()
        page = dana.post("/drafts/sign/", {}, follow=True).content.decode()
        assert "Tick the notes that you have read" in page
        assert not Note.objects.exists()

    def test_say_what_was_not_signed(self, dana, three):
        sent = {"drafts": [f"{three[0].pk}:1", f"{three[1].pk}:0"]}
        page = dana.post("/drafts/sign/", sent, follow=True).content.decode()
        assert "1 note signed and locked." in page
        assert "Not signed: This draft was changed in another window" in page

    def test_say_that_what_is_signed_stays_signed(self, dana, three, monkeypatch):
        def fail(**_):
            raise OperationalError("database or disk is full")

        monkeypatch.setattr(sitting, "sign_note", fail)
        page = dana.post("/drafts/sign/", {"drafts": [f"{three[0].pk}:1"]}, follow=True).content.decode()
        assert "Nothing was signed." in page

    def test_ask_for_the_passphrase_once(self, cast, dana, three):
        KeySession.objects.filter(user=cast.dana.user).update(fresh_at=timezone.now() - timedelta(minutes=11))
        sent = {"drafts": [f"{draft.pk}:1" for draft in three]}
        asked = dana.post("/drafts/sign/", sent)
        assert asked.status_code == 423
        assert not Note.objects.exists()
        again = {**sent, "again-passphrase": cast.dana.passphrase}
        dana.post("/drafts/sign/", again)
        assert Note.objects.count() == 3
