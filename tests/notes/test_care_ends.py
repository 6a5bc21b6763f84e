"""A therapist whose care ends in the middle of a draft: what was begun is finished, and the record is closed."""

import pytest
from django.utils import timezone

from consent.limits import Limit
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.desk import today_of
from notes.services.drafting import discard_draft, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote, find_draft
from notes.services.reading import read_note
from notes.services.redating import Moment, redate_draft
from notes.services.signing import sign_note
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, FIELDS, end_care
from tests.notes.pages.browsing import text_of


@pytest.fixture
def draft(desk):
    """A draft whose author has lost the client meanwhile."""
    draft = desk.write()
    end_care(desk)
    return draft


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
