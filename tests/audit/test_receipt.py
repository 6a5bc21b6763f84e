from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection, transaction

from audit.actors import Named
from audit.acts import Act
from audit.entries import index_columns, read_body
from audit.models import Entry
from audit.services import AuditUnavailable, NoReceipt, Receipt, record, record_look
from tests.audit.cast import AT, ENTRY_GUARD, HANDLE, NOTE_ID, OTHER_HANDLE, Therapist
from tests.audit.sql import run


@pytest.fixture
def receipt(db, therapist, note):
    return record_look(Act.NOTE_READ, by=therapist, target=note, at=AT)


class TestReceipt:
    def test_is_confirmed_by_the_stored_entry(self, receipt):
        receipt.confirm()

    def test_covers_its_target_and_its_client(self, receipt):
        receipt.covers(NOTE_ID)
        receipt.covers_client(HANDLE)

    def test_covers_nothing_else(self, receipt):
        with pytest.raises(NoReceipt):
            receipt.covers(uuid4())
        with pytest.raises(NoReceipt):
            receipt.covers_client(OTHER_HANDLE)

    def test_asks_the_database_once(self, receipt, django_assert_num_queries):
        with django_assert_num_queries(1):
            receipt.confirm()
            receipt.confirm()
            receipt.covers(NOTE_ID)

    @pytest.mark.parametrize(
        "change",
        [
            {"entry_id": 0},
            {"leaf": bytes(32)},
            {"act": "note:written"},
            {"actor_id": "u_ffffffff-bbbb-4ccc-8ddd-eeeeeeeeeeee"},
            {"target_type": "notes.process_note"},
            {"target_uuid": uuid4()},
            {"subjects": frozenset([OTHER_HANDLE])},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_is_worth_nothing_once_altered(self, receipt, change):
        forged = replace(receipt, **change)
        with pytest.raises(NoReceipt):
            forged.confirm()

    def test_is_worth_nothing_without_a_commit(self, committed, therapist, note):
        with transaction.atomic():
            taken = premature_receipt(therapist, note)
            transaction.set_rollback(True)
        with pytest.raises(NoReceipt):
            taken.confirm()

    @pytest.mark.parametrize("body", [b"{}", b"not an entry"])
    def test_is_worth_nothing_if_the_entry_was_rewritten(self, receipt, body):
        run(*ENTRY_GUARD.remove_statements(connection))
        Entry.objects.filter(pk=receipt.entry_id).update(body=body)
        with pytest.raises(NoReceipt):
            receipt.confirm()

    def test_is_worth_nothing_if_the_mark_is_not_ours(self, receipt):
        run(*ENTRY_GUARD.remove_statements(connection))
        Entry.objects.filter(pk=receipt.entry_id).update(mac=bytes(32))
        with pytest.raises(NoReceipt):
            receipt.confirm()

    def test_opens_nothing_while_the_log_cannot_be_read(self, receipt):
        run("ALTER TABLE audit_entry RENAME TO gone")
        with pytest.raises(AuditUnavailable):
            receipt.confirm()


def premature_receipt(therapist: Therapist, note: Named) -> Receipt:
    # What a caller could put together from an entry whose transaction is still open.
    entry = record(Act.NOTE_READ, by=therapist, target=note, at=AT)
    columns = index_columns(read_body(bytes(entry.body)))
    return Receipt(
        entry_id=entry.pk,
        leaf=bytes(entry.leaf),
        act=columns["action"],
        actor_id=columns["actor_id"],
        target_type=columns["obj_type"],
        target_uuid=columns["obj_id"],
        subjects=frozenset([HANDLE]),
    )
