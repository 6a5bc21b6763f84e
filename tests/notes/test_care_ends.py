"""A therapist whose care ends in the middle of a draft: what was begun is finished, and the record is closed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.models import Care
from clients.services.caring import start_care
from consent.limits import Limit
from consent.services.refusing import withdraw
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.desk import today_of
from notes.services.drafting import discard_draft, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote, find_draft
from notes.services.reading import read_note
from notes.services.redating import CareHasEnded, Moment, redate_draft
from notes.services.signing import sign_note
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, FIELDS, denied, done, end_care
from tests.notes.pages.browsing import text_of


@pytest.fixture
def draft(desk):
    """A draft whose author has lost the client meanwhile."""
    draft = desk.write()
    end_care(desk)
    return draft


def ended_at_of(desk):
    return Care.objects.get(client=desk.client, therapist=desk.person.user).ended_at


class TestADraftThatWasBegun:
    def test_is_opened_saved_and_signed(self, desk, draft):
        now = timezone.now()
        assert open_draft(by=desk.by, draft_id=draft.pk, at=now).fields == FIELDS
        save_draft(by=desk.by, draft=draft, revision=1, fields=FIELDS, at=now)
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=2, at=now)
        assert Note.objects.get() == note

    def test_is_dated_anew_or_thrown_away(self, desk, draft):
        now = timezone.now()
        redate_draft(by=desk.by, draft_id=draft.pk, moment=Moment(draft.session_at, 45), at=now)
        assert Draft.objects.get().minutes == 45
        discard_draft(by=desk.by, draft_id=draft.pk, at=now)
        assert not Draft.objects.exists()

    def test_is_signed_without_a_talk_that_cannot_be_had(self, cast, unsigned):
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        draft = unsigned.write()
        end_care(unsigned)
        sign_note(by=unsigned.by, draft_id=draft.pk, revision=1, at=timezone.now())
        assert Note.objects.get().pk == draft.pk

    @pytest.mark.parametrize("kind", [NoteKind.SESSION, NoteKind.PROCESS])
    def test_closes_with_its_signature(self, desk, kind):
        draft = desk.write(kind)
        end_care(desk)
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())
        with pytest.raises(NoSuchNote):
            read_note(by=desk.by, note_id=note.pk, at=timezone.now())
        with pytest.raises(AlreadySigned):
            find_draft(by=desk.by, draft_id=note.pk)

    def test_stands_on_the_days_page_though_the_client_does_not(self, desk, draft):
        today = today_of(by=desk.by, at=timezone.now())
        assert today.clients == []
        assert [(row.draft, row.label, row.care_has_ended) for row in today.unfinished] == [
            (draft, desk.client.code, True)
        ]


class TestThePages:
    @pytest.fixture
    def dana(self, cast, signed_in):
        return signed_in(cast.dana)

    def test_say_so_and_lead_nowhere_that_is_closed(self, dana, desk, draft):
        assert "No longer in your care" in text_of(dana.get("/today/"))
        for place in ("", "review/", "date/", "discard/"):
            page = text_of(dana.get(f"/drafts/{draft.pk}/{place}"))
            assert f"/clients/{desk.client.pk}/" not in page
        page = text_of(dana.get(f"/drafts/{draft.pk}/"))
        assert "This client is no longer in your care" in page
        assert CANARY in page
        assert dana.get(f"/clients/{desk.client.pk}/notes/").status_code == 404

    def test_lead_from_the_signature_to_the_day(self, dana, draft):
        for _ in range(2):
            page = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}, follow=True)
            assert page.redirect_chain == [("/today/", 302)]
            assert "the note is signed and kept, and closed to you now" in text_of(page)
        assert dana.get(f"/drafts/{draft.pk}/").url == "/today/"
        assert dana.get(f"/notes/{draft.pk}/").status_code == 404

    def test_lead_from_the_waste_to_the_day(self, dana, draft):
        assert dana.post(f"/drafts/{draft.pk}/discard/").url == "/today/"
        assert not Draft.objects.exists()

    def test_stay_closed_to_everybody_else(self, cast, draft, signed_in):
        sam = signed_in(cast.sam)
        assert sam.get(f"/drafts/{draft.pk}/").status_code == 404


class TestANewMoment:
    """What the client does after the care has ended is not this author's to learn, or to write about."""

    def redate(self, desk, draft, session_at, *, at=None):
        moment = Moment(session_at, None)
        redate_draft(by=desk.by, draft_id=draft.pk, moment=moment, at=at or timezone.now())

    def refuses(self, desk, draft, session_at, *, at=None):
        before = Draft.objects.values().get()
        with pytest.raises(CareHasEnded):
            self.redate(desk, draft, session_at, at=at)
        assert Draft.objects.values().get() == before

    def withdraw(self, cast, desk, *, at):
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=at)

    @pytest.mark.parametrize("kind", [NoteKind.SESSION, NoteKind.PROCESS, NoteKind.CALL, NoteKind.SAFETY])
    def test_after_the_care_is_refused_and_recorded(self, desk, log, kind):
        draft, heard = desk.write(kind), log()
        end_care(desk)
        month = timezone.now() + timedelta(days=30)
        self.refuses(desk, draft, month, at=month)
        assert heard.acts == [done(Act.DRAFT_OPENED), denied(Act.NOTE_REFUSED)]

    def test_before_the_care_is_refused(self, desk, draft):
        self.refuses(desk, draft, draft.session_at - timedelta(days=400))

    def test_of_the_care_is_taken(self, desk, draft):
        self.redate(desk, draft, ended_at_of(desk))
        assert Draft.objects.get().session_at == ended_at_of(desk)

    def test_of_the_care_is_judged_by_what_was_known_then(self, cast, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        draft = unsigned.write(NoteKind.EMERGENCY)
        end_care(unsigned)
        sign_consent(cast.robin)
        # Known today, the signature would cover the moment and take the place of the reason.
        self.redate(unsigned, draft, ended_at_of(unsigned))
        changed = Draft.objects.get()
        assert (changed.consent_override_id, changed.consent_basis_id) == (draft.consent_override_id, None)

    def test_that_was_closed_in_the_care_stays_closed(self, cast, desk):
        draft = desk.write()
        self.withdraw(cast, desk, at=timezone.now())
        end_care(desk)
        self.refuses(desk, draft, ended_at_of(desk))

    def test_is_free_again_once_the_care_is_back(self, cast, desk, draft):
        now = timezone.now()
        start_care(by=cast.manager.as_(Role.MANAGER), client=desk.client, therapist_id=desk.person.user.pk, at=now)
        self.redate(desk, draft, now)
        assert Draft.objects.get().session_at == now

    def test_meets_a_page_that_tells_nothing_since(self, cast, desk, draft, signed_in):
        self.withdraw(cast, desk, at=timezone.now())
        soon = timezone.localtime(timezone.now() + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M")
        dana = signed_in(cast.dana)
        refused = dana.post(f"/drafts/{draft.pk}/date/", {"session_at": soon, "minutes": "50"})
        assert "This client is no longer in your care. The draft can keep its moment" in text_of(refused)
        pages = [refused, *(dana.get(f"/drafts/{draft.pk}/{place}") for place in ("", "date/", "review/", "discard/"))]
        for page in pages:
            assert "withdrawn" not in text_of(page).lower()
            assert "mergency" not in text_of(page)
