"""Whoever has no business on these pages sees what nobody would see."""

from uuid import uuid4

import pytest

from audit.acts import Act
from notes.kinds import NoteKind
from notes.models import Draft, Note
from tests.notes.conftest import CANARY, FIELDS, denied
from tests.notes.pages.browsing import same, text_of


class TestWhoHasNoBusinessHere:
    ADDRESSES = (
        "/drafts/{id}/",
        "/drafts/{id}/review/",
        "/drafts/{id}/discard/",
        "/drafts/{id}/date/",
        "/notes/{id}/",
    )
    POSTS = ("/drafts/{id}/", "/drafts/{id}/save/", "/drafts/{id}/sign/", "/drafts/{id}/discard/", "/drafts/{id}/date/")

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_a_stranger_sees_what_nobody_would_see(self, cast, desk, signed_in, address):
        sam = signed_in(cast.sam)
        for row in (desk.write(), desk.sign(NoteKind.CALL), desk.sign(NoteKind.PROCESS)):
            answer = sam.get(address.format(id=row.pk))
            assert answer.status_code == 404
            assert same(answer, sam.get(address.format(id=uuid4())))

    @pytest.mark.parametrize("address", POSTS)
    def test_a_stranger_changes_nothing(self, cast, desk, signed_in, log, address):
        draft, sam, heard = desk.write(), signed_in(cast.sam), log()
        sent = {**FIELDS, "revision": "1"}
        answer = sam.post(address.format(id=draft.pk), sent)
        assert answer.status_code == 404
        assert same(answer, sam.post(address.format(id=uuid4()), sent))
        assert heard.acts == [denied(Act.ACCESS_REFUSED)] * 2
        assert Draft.objects.get().revision == 1
        assert not Note.objects.exists()

    @pytest.mark.parametrize("address", ["/clients/{id}/notes/", "/clients/{id}/notes/begin/"])
    def test_a_strangers_client_does_not_exist(self, cast, desk, signed_in, address):
        sam = signed_in(cast.sam)
        answer = sam.get(address.format(id=desk.client.pk))
        assert answer.status_code == 404
        assert same(answer, sam.get(address.format(id=uuid4())))

    def test_a_colleague_in_care_reads_notes_but_no_process_note_and_no_draft(self, cast, desk, shared_desk, signed_in):
        note, private, draft = desk.sign(), desk.sign(NoteKind.PROCESS), desk.write(NoteKind.SAFETY)
        sam = signed_in(cast.sam)
        assert CANARY in text_of(sam.get(f"/notes/{note.pk}/"))
        nobody = sam.get(f"/notes/{uuid4()}/")
        for address in (f"/notes/{private.pk}/", f"/drafts/{draft.pk}/"):
            assert same(sam.get(address), nobody)
        overview = text_of(sam.get(f"/clients/{desk.client.pk}/notes/"))
        assert str(note.pk) in overview
        assert str(private.pk) not in overview
        assert str(draft.pk) not in overview

    @pytest.mark.parametrize("who", ["manager", "auditor", "client"])
    def test_other_roles_are_kept_out_by_any_address(self, cast, desk, signed_in, who):
        person = {"manager": cast.manager, "auditor": cast.auditor, "client": cast.robin.person}[who]
        note, draft, browser = desk.sign(), desk.write(NoteKind.CALL), signed_in(person)
        addresses = [f"/notes/{note.pk}/", f"/drafts/{draft.pk}/", f"/clients/{desk.client.pk}/notes/", "/today/"]
        assert [browser.get(address).status_code for address in addresses] == [403] * 4
