"""A therapist who came into care after the keys were handed out: nothing breaks, and nothing opens."""

import pytest
from django.utils import timezone

from access.roles import Role
from clients.services.caring import start_care
from consent.limits import Limit
from keys.models import Grant
from notes.kinds import NoteKind
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, Desk


@pytest.fixture
def late(cast, unsigned):
    """Sam, put in care once Robin had signed and Dana had begun the record."""
    sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
    unsigned.begin(NoteKind.CALL)
    manager = cast.manager.as_(Role.MANAGER)
    start_care(by=manager, client=unsigned.client, therapist_id=cast.sam.user.pk, at=timezone.now())
    return Desk(cast.sam, unsigned.client)


class TestALateColleague:
    def test_sees_the_client_without_what_is_sealed(self, cast, late, signed_in):
        page = signed_in(cast.sam).get(f"/clients/{late.client.pk}/notes/")
        assert page.status_code == 200
        assert b"marked these parts as unclear" not in page.content

    def test_is_told_that_a_note_needs_the_key(self, cast, unsigned, late, signed_in):
        note = unsigned.sign(NoteKind.SAFETY)
        page = signed_in(cast.sam).get(f"/notes/{note.pk}/")
        assert page.status_code == 403
        assert b"You do not have the key yet" in page.content
        assert CANARY.encode() not in page.content

    def test_writes_process_notes_of_their_own(self, late):
        assert late.sign(NoteKind.PROCESS).author == late.by.user

    def test_goes_by_the_code_without_the_key_of_the_contact(self, cast, unsigned, signed_in):
        draft = unsigned.write(NoteKind.CALL)
        Grant.objects.filter(vault__kind="contact", vault__subject=unsigned.client.pk).delete()
        page = signed_in(cast.dana).get(f"/drafts/{draft.pk}/")
        assert f"<h2>{unsigned.client.code}</h2>".encode() in page.content
        assert b"Robin" not in page.content
