"""The pages of co-signing: the supervisor's Today and note, and what the author and a reader of the note see."""

import pytest
from django.utils import timezone

from access.roles import Role
from clients.services.caring import start_care
from clients.services.supervising import end_supervision
from notes.kinds import NoteKind
from notes.models import Note
from notes.models.cosigning import Cosignature, Wish
from tests.notes.training.conftest import WISH


@pytest.fixture
def sam(signed, signed_in):
    return signed_in(signed.cast.sam)


@pytest.fixture
def dana(signed, signed_in):
    return signed_in(signed.cast.dana)


def address(note, tail=""):
    return f"/supervision/notes/{note.pk}/{tail}"


def marks(page):
    """Return what the forms of a note's page carry back."""
    return {"seen": page.context["read"].seen, "form": page.context["form"]["form"].value()}


class TestTheSupervisorsPages:
    def test_lead_from_today_to_the_signature(self, signed, sam, note):
        today = sam.get("/today/").content.decode()
        assert "To co-sign" in today
        assert f"Dana Whitlock, client {signed.desk.client.code}" in today
        assert "Robin Marlowe" not in today
        page = sam.get(address(note))
        assert "Robin Marlowe" in page.content.decode()
        shown = sam.post(address(note, "cosign/"), marks(page), follow=True)
        assert shown.redirect_chain[-1][0] == "/today/"
        assert "Nothing waits. You supervise Dana Whitlock." in shown.content.decode()
        shown = sam.get(address(note)).content.decode()
        assert "Co-signed" in shown
        assert "Ask for changes" not in shown
        assert Cosignature.objects.get().text_id == note.pk

    def test_list_the_clients_notes_with_their_state(self, signed, sam, note):
        shown = sam.get(f"/supervision/{signed.desk.client.pk}/").content.decode()
        assert "You read this as supervisor of Dana Whitlock" in shown
        assert "Waiting for co-signature" in shown
        assert address(note) in shown

    def test_go_on_with_the_next_note(self, signed, sam, note):
        second = signed.desk.sign()
        shown = sam.post(address(note, "cosign/"), marks(sam.get(address(note))))
        assert shown.url == address(second)

    def test_give_back_what_was_typed_when_something_was_added(self, signed, sam, note):
        sent = {**marks(sam.get(address(note))), "text": WISH}
        signed.desk.amend(note)
        shown = sam.post(address(note, "changes/"), sent)
        page = shown.content.decode()
        assert "Something was added to this note" in page
        assert WISH in page
        assert not Wish.objects.exists()
        # Read as it is now, it can be sent.
        sam.post(address(note, "changes/"), {**marks(shown), "text": WISH})
        assert Wish.objects.count() == 1

    def test_give_back_what_was_typed_when_the_supervision_ended(self, signed, sam, note):
        sent = {**marks(sam.get(address(note))), "text": WISH}
        by = signed.cast.manager.as_(Role.MANAGER)
        end_supervision(by=by, therapist_id=signed.cast.dana.user.pk, at=timezone.now())
        shown = sam.post(address(note, "changes/"), sent)
        assert shown.status_code == 404
        assert WISH in shown.content.decode()
        assert sam.get(address(note)).status_code == 404

    def test_give_it_back_too_to_whoever_reads_the_note_by_care_now(self, signed, sam, note):
        sent = {**marks(sam.get(address(note))), "text": WISH}
        by, client = signed.cast.manager.as_(Role.MANAGER), signed.desk.client
        start_care(by=by, client=client, therapist_id=signed.cast.sam.user.pk, at=timezone.now())
        end_supervision(by=by, therapist_id=signed.cast.dana.user.pk, at=timezone.now())
        assert sam.get(address(note)).url == f"/notes/{note.pk}/"
        shown = sam.post(address(note, "changes/"), sent)
        assert shown.status_code == 404
        assert WISH in shown.content.decode()

    def test_refuse_where_nothing_waits(self, signed, sam):
        before = Note.objects.get(kind=NoteKind.CALL)
        page = sam.get(address(before))
        shown = sam.post(address(before, "cosign/"), marks(page), follow=True).content.decode()
        assert "This note does not wait for your signature." in shown
        assert not Cosignature.objects.exists()

    def test_say_what_is_missing(self, sam, note):
        sent = {**marks(sam.get(address(note))), "text": " "}
        assert "Please write what should change." in sam.post(address(note, "changes/"), sent).content.decode()
        shown = sam.post(address(note, "cosign/"), {"seen": "x"}, follow=True).content.decode()
        assert "Something was added to this note" in shown
        assert not Cosignature.objects.exists()


class TestTheAuthorsPages:
    def test_say_how_far_a_note_has_come(self, signed, sam, dana, note):
        page = f"/notes/{note.pk}/"
        assert "It waits for the co-signature of Samuel Okafor." in dana.get(page).content.decode()
        sam.post(address(note, "changes/"), {**marks(sam.get(address(note))), "text": WISH})
        assert "Changes asked for" in dana.get("/today/").content.decode()
        shown = dana.get(page).content.decode()
        assert "Samuel Okafor asked for changes" in shown
        assert WISH in shown
        signed.desk.amend(note)
        sam.post(address(note, "cosign/"), marks(sam.get(address(note))))
        shown = dana.get(page).content.decode()
        assert shown.count("Samuel Okafor, ") == 1
        assert "Co-signed by Samuel Okafor on" in shown
        overview = dana.get(f"/clients/{signed.desk.client.pk}/notes/").content.decode()
        assert '<span class="tag ok">Co-signed</span>' in overview

    def test_ask_for_the_keys_of_a_new_client(self, signed, dana, right):
        shown = dana.get("/today/").content.decode()
        assert "Samuel Okafor supervises you and cannot read 1 of your records yet." in shown
