from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from audit.actors import Named, Nobody, Origin
from audit.acts import Act, Ground, Outcome, Purpose
from audit.canonical import encode, leaf_hash
from audit.entries import Basis, compose, index_columns, uid_of
from audit.models import Entry, EntrySubject
from audit.services import Filters, Page, browse_log, count_entries, read_entry, record, record_refusal
from tests.audit.cast import AT, ENTRY_GUARD, HANDLE, NOTE_ID, OTHER_HANDLE, Therapist
from tests.audit.sql import run

SUPERVISOR = Therapist(audit_id="u_99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee", role="supervisor")


def actions(page: Page) -> list[str]:
    return [entry.action for entry in page.entries]


class TestBrowseLog:
    def test_shows_what_the_entry_says(self, db, therapist, note):
        basis_id = uuid4()
        written = record(
            Act.NOTE_READ,
            by=therapist,
            target=note,
            purpose=Purpose.TREATMENT,
            basis=Basis(Ground.CARE, basis_id),
            revision=3,
            fields=["body"],
            at=AT,
        )
        (entry,) = browse_log().entries
        assert (entry.entry_id, entry.uid, entry.at, entry.action) == (written.pk, written.uid, AT, "note:read")
        assert (entry.actor_id, entry.role, entry.session_handle) == (
            therapist.audit_id,
            "therapist",
            "s_0123456789abcdef",
        )
        assert (entry.target_type, entry.target_uuid, entry.revision) == ("notes.note", NOTE_ID, 3)
        assert (entry.fields, entry.subjects, entry.outcome) == (("body",), (HANDLE,), "ok")
        assert (entry.basis, entry.basis_id, entry.purpose) == ("care", basis_id, "TREAT")
        assert (entry.request_id, entry.net, entry.device) == ("r1", "10.0.0.0/24", "computer")
        assert not entry.altered

    def test_goes_back_page_by_page_without_losing_or_doubling_an_entry(self, db, therapist):
        written = [record(Act.SIGNED_IN, by=therapist, at=AT).pk for _ in range(7)]
        seen, before = [], None
        while True:
            page = browse_log(before=before, size=3)
            seen.append([entry.entry_id for entry in page.entries])
            before = page.before
            if before is None:
                break
        assert [len(page) for page in seen] == [3, 3, 1]
        assert list(chain(*seen)) == written[::-1]

    def test_is_not_moved_by_entries_that_come_meanwhile(self, db, therapist):
        for _ in range(4):
            record(Act.SIGNED_IN, by=therapist, at=AT)
        first = browse_log(size=2)
        record(Act.SIGNED_OUT, by=therapist, at=AT)
        assert actions(browse_log(before=first.before, size=2)) == ["auth:signed_in"] * 2

    def test_has_no_older_page_after_exactly_one_page(self, db, therapist):
        for _ in range(3):
            record(Act.SIGNED_IN, by=therapist, at=AT)
        assert browse_log(size=3).before is None

    def test_of_an_empty_log_is_empty(self, db):
        assert browse_log().entries == ()
        assert browse_log().before is None


class TestFilters:
    @pytest.fixture(autouse=True)
    def log(self, db, therapist, note, other_note):
        record(Act.SIGNED_IN, by=therapist, at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
        record(Act.NOTE_READ, by=therapist, target=note, at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        record(Act.CLIENT_READ, by=SUPERVISOR, target=other_note, at=datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
        record_refusal(
            Act.SIGN_IN_FAILED, by=Nobody(Origin(net="192.0.2.0/24")), at=datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
        )

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            (Filters(), ["auth:failed", "client:read", "note:read", "auth:signed_in"]),
            (Filters(acts=frozenset([Act.NOTE_READ, Act.CLIENT_READ])), ["client:read", "note:read"]),
            (Filters(actor_id=SUPERVISOR.audit_id), ["client:read"]),
            (Filters(role="therapist"), ["note:read", "auth:signed_in"]),
            (Filters(outcome=Outcome.DENIED), ["auth:failed"]),
            (Filters(subject=HANDLE), ["note:read"]),
            (Filters(subject=OTHER_HANDLE, role="therapist"), []),
            (Filters(target_uuid=NOTE_ID), ["note:read"]),
            (Filters(first_date=date(2026, 3, 3)), ["auth:failed", "client:read"]),
            (Filters(last_date=date(2026, 3, 2)), ["note:read", "auth:signed_in"]),
            (Filters(first_date=date(2026, 3, 2), last_date=date(2026, 3, 2)), ["note:read"]),
        ],
    )
    def test_leave_only_what_was_asked_for(self, filters, found):
        with timezone.override(UTC):
            assert actions(browse_log(filters)) == found
            assert count_entries(filters) == len(found)

    def test_count_days_where_the_practice_is(self):
        with timezone.override("Europe/Berlin"):
            assert actions(browse_log(Filters(last_date=date(2026, 3, 1)))) == []
            assert actions(browse_log(Filters(last_date=date(2026, 3, 2)))) == ["note:read", "auth:signed_in"]

    def test_hold_on_older_pages_too(self, therapist, note):
        record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        page = browse_log(Filters(subject=HANDLE), size=1)
        assert actions(browse_log(Filters(subject=HANDLE), before=page.before, size=1)) == ["note:read"]


class TestReadEntry:
    def test_finds_an_entry_by_its_own_id(self, db, therapist):
        written = record(Act.SIGNED_IN, by=therapist, at=AT)
        entry = read_entry(written.uid)
        assert entry is not None
        assert entry.entry_id == written.pk

    def test_finds_nothing_under_another_id(self, db):
        assert read_entry(uuid4()) is None


class TestAnEntryThatWasTamperedWith:
    @pytest.fixture
    def written(self, db, therapist, note):
        entry = record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        run(*ENTRY_GUARD.remove_statements(connection))
        return entry

    @pytest.mark.parametrize(
        "change",
        [
            {"at": datetime(2026, 1, 1, tzinfo=UTC)},
            {"action": "note:written"},
            {"actor_id": ""},
            {"role": "manager"},
            {"outcome": "denied"},
            {"obj_type": "notes.process_note"},
            {"obj_id": uuid4()},
            {"uid": uuid4()},
            {"leaf": bytes(32)},
            {"mac": bytes(32)},
            {"mac": b""},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_is_shown_as_written_and_as_altered(self, written, therapist, change):
        Entry.objects.filter(pk=written.pk).update(**change)
        (entry,) = browse_log().entries
        assert entry.altered
        assert (entry.action, entry.actor_id, entry.target_uuid, entry.uid) == (
            "note:read",
            therapist.audit_id,
            NOTE_ID,
            written.uid,
        )

    @pytest.mark.parametrize(
        "body", [b"", b"{}", b"\xff", b'{"v":1}', b'{"actor":1,"at":2,"obj":null,"v":1}', b'{"at":"soon","v":1}']
    )
    def test_is_shown_by_its_columns_if_nothing_else_can_be_read(self, written, body):
        Entry.objects.filter(pk=written.pk).update(body=body)
        (entry,) = browse_log().entries
        assert entry.altered
        assert (entry.action, entry.at, entry.target_uuid) == ("note:read", AT, NOTE_ID)

    def test_is_told_apart_even_if_every_hash_and_column_was_made_to_fit(self, written, therapist, note):
        # An unkeyed checksum would be satisfied: all of this can be computed from what the database holds.
        Entry.objects.filter(pk=written.pk).update(**forged_columns(therapist, note))
        (entry,) = browse_log().entries
        assert entry.altered

    def test_is_told_apart_if_it_was_planted(self, db, therapist, note):
        Entry.objects.create(mac=bytes(32), **forged_columns(therapist, note))
        assert browse_log().entries[0].altered

    def test_is_told_apart_if_it_was_put_under_another_client(self, written):
        EntrySubject.objects.create(entry_id=written.pk, handle=OTHER_HANDLE)
        (entry,) = browse_log(Filters(subject=OTHER_HANDLE)).entries
        assert entry.altered


def forged_columns(therapist: Therapist, note: Named) -> dict[str, Any]:
    facts = compose(Act.NOTE_LISTED, by=therapist, at=AT, target=note, outcome=Outcome.OK, written=["f", 1], details={})
    body = encode(facts)
    leaf = leaf_hash(body)
    return {"body": body, "leaf": leaf, "uid": uid_of(leaf), **index_columns(facts)}
