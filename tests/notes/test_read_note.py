"""Reading and listing: who may, what is in the log first, and notes that were altered in the database."""

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import AuditUnavailable
from keys.errors import KeyRefused, SealBroken
from notes.kinds import NoteKind
from notes.services.finding import NoSuchNote
from notes.services.reading import browse_notes, read_note
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, denied, done, rewrite


def read(desk, note):
    return read_note(by=desk.by, note_id=note.pk, at=timezone.now())


class TestReadNote:
    def test_records_the_look_then_opens(self, desk, log):
        note, heard = desk.sign(), log()
        assert read(desk, note).fields == FIELDS
        assert heard.acts == [done(Act.NOTE_READ)]

    def test_shows_what_was_chosen_and_leaves_out_what_is_empty(self, desk):
        shown = [(section.name, text) for section, text in read(desk, desk.sign()).sections]
        assert shown == [
            ("brought", FIELDS["brought"]),
            ("together", FIELDS["together"]),
            ("safety", "No new concern today"),
        ]

    def test_opens_nothing_without_its_entry(self, desk):
        note = desk.sign()
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            read(desk, note)

    def test_opens_for_a_colleague_in_care(self, desk, shared_desk):
        assert read(shared_desk, desk.sign()).fields == FIELDS

    def test_a_process_note_is_its_authors_alone(self, desk, shared_desk, log):
        note, heard = desk.sign(NoteKind.PROCESS), log()
        assert CANARY in read(desk, note).fields["text"]
        with pytest.raises(NoSuchNote):
            read(shared_desk, note)
        assert heard.acts == [done(Act.NOTE_READ), denied(Act.ACCESS_REFUSED)]

    def test_nobody_else_learns_that_it_is_there(self, desk, sams_desk):
        with pytest.raises(NoSuchNote):
            read(sams_desk, desk.sign())

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.CLIENT, Role.AUDITOR])
    def test_is_for_therapists_whatever_the_gate_let_through(self, cast, desk, role):
        person = {Role.MANAGER: cast.manager, Role.CLIENT: cast.robin.person, Role.AUDITOR: cast.auditor}[role]
        note = desk.sign()
        with pytest.raises(NoSuchNote):
            read_note(by=person.as_(role), note_id=note.pk, at=timezone.now())


class TestAnAlteredNote:
    def test_with_the_body_of_another_stays_closed(self, desk):
        note, other = desk.sign(NoteKind.CALL), desk.sign(NoteKind.SAFETY)
        rewrite(note, sealed_body=other.sealed_body)
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_with_the_body_of_its_draft_stays_closed(self, desk):
        draft = desk.write()
        body = bytes(draft.sealed_body)
        note = desk.sign(NoteKind.CALL)
        rewrite(note, sealed_body=body)
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_with_the_body_of_another_client_stays_closed(self, desk, sams_desk):
        note, other = desk.sign(), sams_desk.sign()
        rewrite(note, sealed_body=other.sealed_body)
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_given_to_another_author_stays_closed(self, cast, desk, shared_desk):
        note = desk.sign()
        rewrite(note, author=cast.sam.user)
        with pytest.raises(SealBroken):
            read(desk, note)

    @pytest.mark.parametrize("field", ["written_at", "signed_at", "session_at"])
    def test_with_another_date_stays_closed(self, desk, field):
        note = desk.sign()
        rewrite(note, **{field: timezone.now()})
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_with_the_signature_of_another_is_not_believed(self, desk):
        note, other = desk.sign(NoteKind.CALL), desk.sign(NoteKind.SAFETY)
        rewrite(note, signature=other.signature)
        with pytest.raises(KeyRefused, match="note_signature"):
            read(desk, note)

    def test_said_to_be_signed_by_somebody_else_is_not_believed(self, desk, cast):
        note = desk.sign()
        rewrite(note, signed_with=cast.sam.keys.key_id)
        with pytest.raises(KeyRefused, match="note_signature"):
            read(desk, note)

    def test_shows_a_page_without_its_text(self, cast, desk, signed_in):
        note = desk.sign()
        rewrite(note, signed_at=timezone.now())
        page = signed_in(cast.dana).get(f"/notes/{note.pk}/")
        assert page.status_code == 500
        assert b"A seal is broken" in page.content
        assert CANARY.encode() not in page.content


class TestBrowseNotes:
    def test_lists_dates_and_kinds_after_one_look(self, desk, log):
        notes, heard = {desk.sign(NoteKind.CALL), desk.sign()}, log()
        listed = browse_notes(by=desk.by, client=desk.client, at=timezone.now())
        assert set(listed) == notes
        assert heard.acts == [done(Act.NOTE_LISTED)]
        assert "sealed_body" not in listed[0].__dict__

    def test_neither_lists_nor_counts_a_colleagues_process_notes(self, desk, shared_desk):
        seen, private = desk.sign(), desk.sign(NoteKind.PROCESS)
        assert browse_notes(by=shared_desk.by, client=desk.client, at=timezone.now()) == [seen]
        assert private in browse_notes(by=desk.by, client=desk.client, at=timezone.now())


class TestTheLog:
    def test_holds_no_word_of_a_note(self, desk, log):
        heard = log()
        read(desk, desk.sign())
        read(desk, desk.sign(NoteKind.PROCESS))
        assert len(heard.bodies) > 4
        assert not any(CANARY.encode() in body or CANARY.encode("unicode-escape") in body for body in heard.bodies)
