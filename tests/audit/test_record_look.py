import pytest
from django.db import connection, transaction

from audit.actors import Named
from audit.acts import Act
from audit.models import Entry
from audit.services import AuditUnavailable, record_look
from tests.audit.cast import AT, HANDLE, NOTE_ID, OTHER_HANDLE, Therapist
from tests.audit.sql import run

# What a full disk says: SQLite by its own limit, PostgreSQL by the error that its server gives.
FULL_DISK = {
    "sqlite": ["PRAGMA max_page_count = 1"],
    "postgresql": [
        """CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END$$""",
        "CREATE TRIGGER disk_full BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION disk_full()",
    ],
}[connection.vendor]
ROOM_AGAIN = {
    "sqlite": ["PRAGMA max_page_count = 1073741823"],
    "postgresql": ["DROP FUNCTION disk_full() CASCADE"],
}[connection.vendor]
READ_ONLY, WRITABLE = {
    "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
}[connection.vendor]


class TestRecordLook:
    def test_is_committed_when_it_returns(self, committed, therapist, note):
        receipt = record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)
        connection.close()
        assert Entry.objects.get(pk=receipt.entry_id).uid == receipt.uid

    def test_gives_a_receipt_of_what_it_recorded(self, db, therapist, note):
        receipt = record_look(Act.NOTE_READ, by=therapist, target=note, subjects=[OTHER_HANDLE], at=AT)
        assert (receipt.act, receipt.actor_id) == ("note:read", therapist.audit_id)
        assert (receipt.target_type, receipt.target_uuid) == ("notes.note", NOTE_ID)
        assert receipt.subjects == {HANDLE, OTHER_HANDLE}

    def test_refuses_to_be_part_of_a_transaction_that_may_still_be_rolled_back(self, committed, therapist, note):
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)


class TestRecordLookWhenTheLogFails:
    def test_says_so_if_the_table_is_gone(self, db, therapist, note):
        run("ALTER TABLE audit_entry RENAME TO gone")
        with pytest.raises(AuditUnavailable):
            record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)

    def test_says_so_if_the_disk_is_full(self, committed, therapist, note):
        before = Entry.objects.count()
        run(*FULL_DISK)
        try:
            with pytest.raises(AuditUnavailable):
                fill_what_is_left(therapist, note)
        finally:
            run(*ROOM_AGAIN)
        assert before <= Entry.objects.count() < before + 200

    def test_says_so_if_the_database_is_read_only(self, committed, therapist, note):
        run(READ_ONLY)
        try:
            with pytest.raises(AuditUnavailable):
                record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)
        finally:
            run(WRITABLE)

    def test_says_so_if_the_connection_is_lost(self, committed, therapist, note, monkeypatch):
        connection.ensure_connection()
        connection.connection.close()
        with pytest.raises(AuditUnavailable):
            record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)
        connection.close()

    def test_works_again_afterwards(self, committed, therapist, note):
        connection.ensure_connection()
        connection.connection.close()
        with pytest.raises(AuditUnavailable):
            record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)
        connection.close()
        record_look(Act.NOTE_READ, by=therapist, target=note, at=AT).confirm()


def fill_what_is_left(therapist: Therapist, note: Named) -> None:
    # SQLite's last pages may have room for some entries more.
    for _ in range(200):
        record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)
