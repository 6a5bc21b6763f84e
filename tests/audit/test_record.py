import json
from contextlib import suppress

import pytest
from django.db import connection, transaction

from audit.actors import Named, System
from audit.acts import Act, Ground, Outcome, Purpose
from audit.canonical import leaf_hash
from audit.entries import Basis
from audit.mac import mac_is_good
from audit.models import Entry, EntrySubject
from audit.services import AuditUnavailable, NotInTransaction, record
from tests.audit.cast import AT, HANDLE, NOTE_ID, OTHER_HANDLE
from tests.audit.sql import plant, run


class TestRecord:
    def test_keeps_the_entry_as_hashed_and_marked_bytes(self, db, therapist, note):
        record(Act.NOTE_WRITTEN, by=therapist, target=note, purpose=Purpose.TREATMENT, at=AT)
        row = Entry.objects.get()
        assert bytes(row.leaf) == leaf_hash(bytes(row.body))
        assert row.uid.bytes == bytes(row.leaf)[:16]
        assert mac_is_good(bytes(row.body), bytes(row.mac))
        facts = json.loads(bytes(row.body))
        assert (facts["action"], facts["purpose"], facts["obj"]["id"]) == ("note:written", "TREAT", str(NOTE_ID))
        assert (row.at, row.action, row.actor_id, row.role) == (AT, "note:written", therapist.audit_id, "therapist")
        assert (row.outcome, row.obj_type, row.obj_id) == ("ok", "notes.note", NOTE_ID)

    def test_returns_the_stored_entry(self, db, therapist):
        entry = record(Act.SIGNED_OUT, by=therapist, at=AT)
        assert Entry.objects.get() == entry

    def test_is_called_by_its_ids_wherever_it_is_printed(self, db, therapist, note):
        entry = record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        assert str(entry) == str(entry.uid)
        assert str(EntrySubject.objects.get()) == f"{entry.pk}/{HANDLE.hex()}"

    def test_names_the_client_of_the_target(self, db, therapist, note):
        entry = record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        assert subjects() == {(entry.pk, HANDLE)}

    def test_names_every_client_of_a_list_once(self, db, therapist, note):
        entry = record(Act.CLIENT_LISTED, by=therapist, target=note, subjects=[OTHER_HANDLE, HANDLE], at=AT)
        assert subjects() == {(entry.pk, HANDLE), (entry.pk, OTHER_HANDLE)}

    def test_says_why_it_was_allowed_and_how_it_ended(self, db, therapist, note):
        record(Act.NOTE_READ, by=therapist, target=note, basis=Basis(Ground.CARE), outcome=Outcome.PARTIAL, at=AT)
        facts = json.loads(bytes(Entry.objects.get().body))
        assert (facts["basis"], facts["outcome"]) == ({"id": None, "kind": "care"}, "partial")

    def test_records_what_nobody_did(self, db):
        record(Act.PRACTICE_SET_UP, by=System(), at=AT)
        row = Entry.objects.get()
        assert (row.actor_id, row.role, row.obj_type, row.obj_id) == ("", "system", "", None)

    def test_is_rolled_back_with_the_change(self, db, therapist):
        with transaction.atomic():
            record(Act.SETTING_CHANGED, by=therapist, at=AT)
            transaction.set_rollback(True)
        assert not Entry.objects.exists()

    def test_refuses_to_stand_outside_a_transaction(self, committed, therapist):
        before = Entry.objects.count()
        with pytest.raises(NotInTransaction):
            record(Act.SETTING_CHANGED, by=therapist, at=AT)
        assert Entry.objects.count() == before

    def test_refuses_text_before_anything_is_written(self, db, therapist):
        with pytest.raises(ValueError, match="never text"):
            record(Act.NOTE_READ, by=therapist, target=Named("a note on Dana", NOTE_ID), at=AT)
        assert not Entry.objects.exists()


class TestRecordWhenTheLogFails:
    def test_takes_the_change_back_even_if_the_caller_swallows_the_error(self, committed, therapist):
        run("CREATE TABLE thing (id integer)", "ALTER TABLE audit_entry RENAME TO gone")
        try:
            with transaction.atomic():
                run("INSERT INTO thing VALUES (1)")
                with suppress(AuditUnavailable):
                    record(Act.SETTING_CHANGED, by=therapist, at=AT)
            assert count("thing") == 0
        finally:
            run("ALTER TABLE gone RENAME TO audit_entry", "DROP TABLE thing")

    def test_notices_a_planted_trigger_that_swallows_entries(self, db, therapist):
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable), transaction.atomic():
            record(Act.SIGNED_IN, by=therapist, at=AT)

    def test_notices_a_planted_trigger_that_swallows_subjects(self, db, therapist, note):
        plant("audit_entrysubject", swallow=True)
        with pytest.raises(AuditUnavailable), transaction.atomic():
            record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        assert not Entry.objects.exists()

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's triggers cannot rewrite a new row")
    def test_notices_a_planted_trigger_that_rewrites_entries(self, db, therapist):
        plant("audit_entry", body="{}")
        with pytest.raises(AuditUnavailable), transaction.atomic():
            record(Act.SIGNED_IN, by=therapist, at=AT)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(cursor.fetchone()[0])


def subjects() -> set[tuple[int, bytes]]:
    return {(row.entry_id, bytes(row.handle)) for row in EntrySubject.objects.all()}
