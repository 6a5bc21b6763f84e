"""What the database itself holds drafts and notes to."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from notes.kinds import NoteKind
from notes.models import Draft, Note
from tests.audit.sql import rows_of, run
from tests.notes.conftest import settle

ATTACKS = {
    "sqlite": [
        "UPDATE notes_note SET kind = 'call'",
        "UPDATE notes_note SET id = id",
        "UPDATE OR REPLACE notes_note SET minutes = 1",
        "DELETE FROM notes_note",
        "REPLACE INTO notes_note SELECT * FROM notes_note",
        "INSERT OR REPLACE INTO notes_note SELECT * FROM notes_note",
    ],
    "postgresql": [
        "UPDATE notes_note SET kind = 'call'",
        "UPDATE notes_note SET id = id",
        "DELETE FROM notes_note",
        "TRUNCATE notes_note CASCADE",
        "SET LOCAL session_replication_role = replica; DELETE FROM notes_note",
    ],
}[connection.vendor]


def copy_of(row, **changes):
    """Return a row that is not stored yet, with other facts."""
    facts = {field.attname: getattr(row, field.attname) for field in type(row)._meta.concrete_fields}
    return type(row)(**{**facts, "id": uuid4(), **changes})


def breaks(row, rule):
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        row.save(force_insert=True)
    assert rule in str(broken.value) or "UNIQUE" in str(broken.value)


class TestASignedNote:
    @pytest.mark.parametrize("statement", ATTACKS)
    def test_is_not_changed_by_any_statement(self, desk, statement):
        desk.sign()
        settle()
        before = rows_of("notes_note")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(statement)
        assert rows_of("notes_note") == before

    def test_goes_by_no_name_of_a_person(self, desk):
        note = desk.sign()
        assert str(note) == str(note.pk)


class TestWhatANoteRestsOn:
    @pytest.fixture
    def events(self, desk):
        """A signature and an emergency reason of the same client."""
        note = desk.sign()
        return {"consent_basis_id": note.consent_basis_id, "consent_override_id": note.consent_basis_id}

    @pytest.mark.parametrize("kind", [NoteKind.SESSION, NoteKind.PROCESS, NoteKind.EMERGENCY])
    def test_is_there(self, desk, kind):
        note = desk.sign()
        breaks(copy_of(note, kind=kind, consent_basis_id=None), "notes_note_was_allowed")

    @pytest.mark.parametrize("kind", sorted(NoteKind))
    def test_is_never_both(self, desk, events, kind):
        breaks(copy_of(Note.objects.get(), kind=kind, **events), "notes_note_was_allowed")

    @pytest.mark.parametrize("kind", sorted(set(NoteKind) - {NoteKind.EMERGENCY}))
    def test_is_an_emergency_only_for_an_emergency_note(self, desk, events, kind):
        note = copy_of(Note.objects.get(), kind=kind, **{**events, "consent_basis_id": None})
        breaks(note, "notes_note_was_allowed")

    def test_may_be_an_emergency_for_an_emergency_note(self, desk, events):
        emergency = {**events, "consent_basis_id": None}
        copy_of(Note.objects.get(), kind=NoteKind.EMERGENCY, **emergency).save(force_insert=True)
        assert Note.objects.filter(consent_override__isnull=False).count() == 1

    def test_holds_for_drafts_too(self, desk):
        draft = desk.begin()
        breaks(copy_of(draft, kind=NoteKind.PROCESS, consent_basis_id=None), "notes_draft_was_allowed")

    def test_is_of_a_known_kind(self, desk):
        breaks(copy_of(desk.sign(), kind="diary"), "notes_note_was_allowed")


class TestOtherRules:
    def test_a_place_is_one_of_those_that_can_be_chosen(self, desk):
        breaks(copy_of(desk.sign(), place="street"), "notes_note_is_somewhere")
        breaks(copy_of(desk.begin(), place="street"), "notes_draft_is_somewhere")

    def test_the_next_session_is_a_later_one_and_in_no_process_note(self, desk):
        for row, name in ((desk.sign(), "note"), (desk.begin(NoteKind.PROCESS), "draft")):
            breaks(copy_of(row, next_at=row.session_at), f"notes_{name}_next_is_after")
        process = desk.begin(NoteKind.PROCESS)
        breaks(copy_of(process, next_at=process.session_at + timedelta(days=1)), "notes_draft_next_is_after")

    def test_a_draft_stands_alone(self, desk):
        breaks(copy_of(desk.begin()), "notes_draft_once")
        assert Draft.objects.count() == 1

    def test_a_hash_has_its_length(self, desk):
        breaks(copy_of(desk.sign(), ciphertext_sha256="ab"), "notes_note_sha256_is_hex")
