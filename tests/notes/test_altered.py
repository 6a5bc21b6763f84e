"""Somebody who writes the database alters rows: whatever they change, no text opens as something that it was not."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from clients.services.covers import CoverClosed
from consent.services.refusing import withdraw
from keys.errors import KeysError, NoVault, SealBroken
from notes.kinds import NEEDS_NOTHING, NoteKind
from notes.models import Draft
from notes.places import SessionPlace
from notes.sealed import bind_note
from notes.services.drafting import open_draft, save_draft
from notes.services.finding import NoSuchNote
from notes.services.reading import read_note
from notes.services.signing import sign_note
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, FIELDS, end_care, rewrite

FAR = timezone.now() + timedelta(days=9)


def read(desk, note):
    return read_note(by=desk.by, note_id=note.pk, at=timezone.now())


def reopen(desk, draft):
    return open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())


def flipped(body, place):
    altered = bytearray(body)
    altered[place] ^= 1
    return bytes(altered)


def damages(body):
    """Return a sealed body with one bit changed in each part of it, cut short, made longer, emptied."""
    middle = len(body) // 2
    return [flipped(body, place) for place in (0, 8, middle, -17, -1)] + [body[:-1], body[1:], body + b"\0", b""]


class TestABody:
    def test_of_a_note_opens_whole_or_not_at_all(self, desk):
        note = desk.sign()
        for body in damages(bytes(note.sealed_body)):
            rewrite(note, sealed_body=body, ciphertext_sha256=hashlib.sha256(body).hexdigest())
            with pytest.raises(SealBroken):
                read(desk, note)

    def test_of_a_draft_opens_whole_or_not_at_all(self, desk):
        draft = desk.write()
        for body in damages(bytes(draft.sealed_body)):
            Draft.objects.filter(pk=draft.pk).update(sealed_body=body)
            with pytest.raises(SealBroken):
                reopen(desk, draft)

    def test_that_is_broken_is_neither_signed_nor_lost(self, desk):
        draft = desk.write()
        broken = flipped(bytes(draft.sealed_body), -1)
        Draft.objects.filter(pk=draft.pk).update(sealed_body=broken)
        with pytest.raises(SealBroken):
            sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())
        assert bytes(Draft.objects.get().sealed_body) == broken

    def test_of_the_same_words_is_never_twice_the_same(self, desk):
        draft, bodies = desk.begin(), set()
        for revision in range(3):
            save_draft(by=desk.by, draft=draft, revision=revision, fields=FIELDS, at=timezone.now())
            draft.refresh_from_db()
            bodies.add(bytes(draft.sealed_body))
        assert len(bodies) == 3


class TestAFactOfANote:
    """Each column of a signed note is bound: the seal, or the signature over it, tells of the change."""

    @pytest.mark.parametrize(
        "change",
        [
            {"minutes": 51},
            {"minutes": None},
            {"revision": 2},
            {"format": "plain/1"},
            {"kind": NoteKind.EMERGENCY},
            {"place": "phone"},
            {"place": ""},
            {"next_at": FAR},
            {"next_at": None},
        ],
    )
    def test_does_not_change(self, desk, change):
        note = desk.sign(minutes=50, place=SessionPlace.ROOM, next_at=FAR - timedelta(days=1))
        rewrite(note, **change)
        with pytest.raises(SealBroken):
            read(desk, note)

    @pytest.mark.parametrize("kind", sorted(NEEDS_NOTHING - {NoteKind.CALL}))
    def test_does_not_turn_one_kind_into_another(self, desk, kind):
        note = desk.sign(NoteKind.CALL)
        rewrite(note, kind=kind)
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_does_not_come_where_nothing_was_said(self, desk):
        note = desk.sign()
        rewrite(note, place=SessionPlace.ROOM)
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_that_came_later_leaves_alone_what_was_sealed_before(self, desk):
        note = desk.sign()
        facts = [note.kind, note.format, note.session_at, note.minutes, note.revision]
        basis = [note.consent_basis_id, note.consent_override_id]
        before = ("notes-note/v1", note.id, note.client_id, note.author_id, *facts, *basis)
        assert bind_note(note) == (*before, note.written_at, note.signed_at)

    def test_does_not_bring_a_process_note_into_the_record(self, desk, shared_desk):
        note = desk.sign(NoteKind.PROCESS)
        rewrite(note, kind=NoteKind.SESSION)
        for reader in (desk, shared_desk):
            with pytest.raises(SealBroken):
                read(reader, note)

    def test_does_not_make_a_note_somebody_elses_own(self, desk, shared_desk):
        note = desk.sign(NoteKind.PROCESS)
        rewrite(note, author=shared_desk.by.user)
        with pytest.raises(NoVault):
            read(shared_desk, note)
        with pytest.raises(NoSuchNote):
            read(desk, note)

    def test_does_not_rest_on_another_signature(self, cast, desk):
        note, first = desk.sign(), timezone.now()
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=first)
        sign_consent(cast.robin)
        second = desk.sign(session_at=timezone.now() + timedelta(minutes=1))
        assert second.consent_basis_id != note.consent_basis_id
        rewrite(note, consent_basis=second.consent_basis_id)
        with pytest.raises(SealBroken):
            read(desk, note)

    @pytest.mark.parametrize("place", [0, 63, 64, 2000, -1])
    def test_is_not_believed_under_a_signature_with_one_bit_changed(self, desk, place):
        note = desk.sign()
        rewrite(note, signature=flipped(bytes(note.signature), place))
        with pytest.raises(KeysError):
            read(desk, note)

    @pytest.mark.parametrize("signature", [b"", b"\0" * 64])
    def test_is_not_believed_without_a_signature(self, desk, signature):
        note = desk.sign()
        rewrite(note, signature=signature)
        with pytest.raises(KeysError):
            read(desk, note)

    def test_is_not_shown_with_a_hash_that_is_not_its_own(self, desk):
        note = desk.sign()
        rewrite(note, ciphertext_sha256="ab" * 32)
        with pytest.raises(SealBroken):
            read(desk, note)


class TestADraftGivenAway:
    def test_to_a_colleague_opens_for_nobody(self, desk, shared_desk):
        draft = desk.write()
        Draft.objects.filter(pk=draft.pk).update(author=shared_desk.by.user)
        with pytest.raises(SealBroken):
            reopen(shared_desk, draft)
        with pytest.raises(NoSuchNote):
            reopen(desk, draft)

    def test_to_a_colleague_opens_no_process_note(self, desk, shared_desk):
        draft = desk.write(NoteKind.PROCESS)
        Draft.objects.filter(pk=draft.pk).update(author=shared_desk.by.user)
        with pytest.raises(NoVault):
            reopen(shared_desk, draft)

    def test_to_another_client_stays_closed(self, desk, sams_desk):
        draft = desk.write()
        Draft.objects.filter(pk=draft.pk).update(client=sams_desk.client)
        with pytest.raises(CoverClosed):
            reopen(desk, draft)

    def test_opens_nothing_after_the_care_has_ended(self, desk, sams_desk):
        # Whoever may finish their own drafts after the care has ended is led to no other client by them.
        note = sams_desk.sign()
        end_care(desk)
        with pytest.raises(NoSuchNote):
            read(desk, note)
        assert CANARY in read(sams_desk, note).fields["brought"]
