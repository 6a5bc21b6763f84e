"""What a colleague may write in a record that they opened under cover, and what becomes of it when it closes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from clients.models.cover import Opening
from clients.services.covers import CoverClosed
from clients.services.finding import NoSuchClient
from keys.services import VaultKind
from notes.kinds import UNDER_COVER, NoteKind
from notes.services.basing import ConsentMissing, NotUnderCover
from notes.services.drafting import save_draft
from notes.services.finding import NoSuchNote
from notes.services.reading import read_note
from tests.access.pages.visitors import text_of
from tests.clients.conftest import Record as CareOf
from tests.clients.cover.conftest import arrange, close, open_by_page, open_it
from tests.notes.conftest import Desk, fields_of


class TestWritingUnderCover:
    def desk(self, record):
        open_it(record)
        return Desk(record.cast.sam, record.client)

    def test_is_for_what_cannot_wait(self, signed):
        desk = self.desk(signed)
        for kind in sorted(NoteKind):
            if kind in UNDER_COVER:
                assert desk.begin(kind).kind == kind
            else:
                with pytest.raises(NotUnderCover):
                    desk.begin(kind)

    def test_asks_the_gate_as_ever(self, covered):
        desk = self.desk(covered)
        desk.begin(NoteKind.SAFETY)
        with pytest.raises(ConsentMissing):
            desk.begin(NoteKind.EMERGENCY)
        desk.give_emergency_reason(at=timezone.now())
        assert desk.begin(NoteKind.EMERGENCY).consent_override_id

    def test_gives_no_emergency_reason_without_opening(self, covered):
        with pytest.raises(NoSuchClient):
            Desk(covered.cast.sam, covered.client).give_emergency_reason(at=timezone.now())

    def test_is_signed_and_read_by_the_therapist(self, signed):
        note = self.desk(signed).sign(NoteKind.SAFETY)
        assert read_note(by=signed.dana, note_id=note.pk, at=timezone.now()).note.author == signed.cast.sam.user

    def test_shows_only_those_kinds_and_no_way_elsewhere(self, cast, signed_in, signed):
        sam = signed_in(cast.sam)
        open_it(signed)
        form = text_of(sam.get(f"/clients/{signed.client.pk}/notes/begin/"))
        assert "Safety note" in form
        assert "Process note" not in form
        page = sam.get(f"/clients/{signed.client.pk}/notes/").content.decode()
        assert "You opened this record under cover." in page
        for closed in ("consent:read_record", "clients:read", "clients:browse_readers"):
            address = reverse(closed, args=[signed.client.pk])
            assert f'href="{address}"' not in page
            assert sam.get(address).status_code == 404

    def test_closes_with_the_record_and_gives_the_text_back(self, cast, signed_in, signed):
        draft = self.desk(signed).begin(NoteKind.SAFETY)
        sam, address = signed_in(cast.sam), f"/drafts/{draft.pk}/"
        assert sam.get(address).status_code == 200
        close(Opening.objects.get())
        typed = {name: f"Called back twice {name}." for name in fields_of(NoteKind.SAFETY)}
        answer = sam.post(address, {**typed, "revision": 0})
        assert answer.status_code == 404
        assert all(text in text_of(answer) for text in typed.values())
        saved = sam.post(f"{address}save/", {**typed, "revision": 0}, HTTP_ACCEPT="application/json")
        assert (saved.status_code, "The time is over" in saved.json()["error"]) == (404, True)
        assert "There is nothing here for you" in text_of(sam.get(address))
        with pytest.raises(CoverClosed):
            save_draft(by=signed.sam, draft=draft, revision=0, fields=typed, at=timezone.now())

    def test_goes_on_with_a_new_reason(self, cast, signed_in, signed):
        draft = self.desk(signed).begin(NoteKind.SAFETY)
        close(Opening.objects.get())
        assert "Open until" in text_of(open_by_page(signed_in(cast.sam), signed))
        assert signed_in(cast.sam).get(f"/drafts/{draft.pk}/").status_code == 200

    def test_stands_among_what_is_to_finish_as_long_as_it_can_be(self, cast, signed_in, signed):
        self.desk(signed).begin(NoteKind.SAFETY)
        sam = signed_in(cast.sam)
        today = text_of(sam.get("/today/"))
        assert f"{signed.client.code}: Safety note" in today
        assert "No longer in your care" not in today
        close(Opening.objects.get())
        assert signed.client.code not in text_of(sam.get("/today/"))

    def test_stays_without_care_when_the_record_closed(self, signed):
        note = self.desk(signed).sign(NoteKind.SAFETY)
        close(Opening.objects.get())
        with pytest.raises(NoSuchNote):
            read_note(by=signed.sam, note_id=note.pk, at=timezone.now())

    def test_makes_no_record(self, cast, signed_in):
        """Whoever makes a record keeps its key."""
        record = CareOf(cast, Client.objects.get(pk=cast.robin.client_id))
        arrange(record)
        desk, sam = self.desk(record), signed_in(cast.sam)
        sent = {"kind": "safety", "session_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
        answer = sam.post(f"/clients/{desk.client.pk}/notes/begin/", sent)
        assert "there is no record that you could write in" in text_of(answer)
        assert record.kinds_of(cast.sam) == {VaultKind.CONTACT, VaultKind.SHARED}
