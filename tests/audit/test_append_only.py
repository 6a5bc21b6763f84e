# ruff: noqa: S608 (the statements are attacks, made of this file's own words)
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from audit.acts import Act
from audit.append_only import AppendOnly, PutUp, TakenDown
from audit.checks import installed_guards_problems
from audit.guards import Guard
from audit.services import record
from tests.audit.cast import AT, ENTRY_GUARD
from tests.audit.sql import rows_of, run

COLUMNS = "uid, body, leaf, mac, at, action, actor_id, role, outcome, obj_type, obj_id"
CHANGED = COLUMNS.replace("action", "'log:viewed'")

ATTACKS = {
    "sqlite": {
        "UPDATE": "UPDATE audit_entry SET action = 'log:viewed'",
        "UPDATE that changes nothing": "UPDATE audit_entry SET id = id",
        "UPDATE OR REPLACE": "UPDATE OR REPLACE audit_entry SET action = 'log:viewed'",
        "DELETE": "DELETE FROM audit_entry",
        "REPLACE by id": f"REPLACE INTO audit_entry (id, {COLUMNS}) SELECT id, {CHANGED} FROM audit_entry",
        "REPLACE by uid": f"REPLACE INTO audit_entry ({COLUMNS}) SELECT {CHANGED} FROM audit_entry",
        "INSERT OR REPLACE": f"INSERT OR REPLACE INTO audit_entry (id, {COLUMNS}) "
        f"SELECT id, {CHANGED} FROM audit_entry",
        "upsert": f"INSERT INTO audit_entry ({COLUMNS}) SELECT {CHANGED} FROM audit_entry WHERE true "
        "ON CONFLICT (uid) DO UPDATE SET action = excluded.action",
        "UPDATE of subjects": "UPDATE audit_entrysubject SET entry_id = entry_id + 1",
        "DELETE of subjects": "DELETE FROM audit_entrysubject",
        "REPLACE of subjects": "REPLACE INTO audit_entrysubject (handle, entry_id) "
        "SELECT handle, entry_id FROM audit_entrysubject",
    },
    "postgresql": {
        "UPDATE": "UPDATE audit_entry SET action = 'log:viewed'",
        "UPDATE that changes nothing": "UPDATE audit_entry SET id = id",
        "DELETE": "DELETE FROM audit_entry",
        "TRUNCATE": "TRUNCATE audit_entry",
        "TRUNCATE CASCADE": "TRUNCATE audit_entry, audit_entrysubject RESTART IDENTITY CASCADE",
        "upsert": f"INSERT INTO audit_entry ({COLUMNS}) SELECT {CHANGED} FROM audit_entry "
        "ON CONFLICT (uid) DO UPDATE SET action = excluded.action",
        "MERGE": "MERGE INTO audit_entry e USING audit_entry f ON e.id = f.id WHEN MATCHED THEN DELETE",
        "UPDATE as a replica": "SET LOCAL session_replication_role = replica; "
        "UPDATE audit_entry SET action = 'log:viewed'",
        "DELETE as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM audit_entry",
        "UPDATE of subjects": "UPDATE audit_entrysubject SET entry_id = entry_id + 1",
        "DELETE of subjects": "DELETE FROM audit_entrysubject",
        "TRUNCATE of subjects": "TRUNCATE audit_entrysubject",
    },
}[connection.vendor]


@pytest.fixture
def log(db, therapist, note):
    record(Act.NOTE_READ, by=therapist, target=note, at=AT)


def state() -> tuple[list[Any], list[Any]]:
    return rows_of("audit_entry"), rows_of("audit_entrysubject")


class TestAGuardedTable:
    @pytest.mark.parametrize("statement", ATTACKS.values(), ids=ATTACKS.keys())
    def test_refuses(self, log, statement):
        before = state()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(statement)
        assert state() == before

    def test_still_grows(self, log, therapist, note):
        record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        assert [len(rows) for rows in state()] == [2, 2]

    def test_never_gives_a_number_twice(self, committed, therapist):
        # Without AUTOINCREMENT, SQLite hands the number of a removed last row to the next one.
        with transaction.atomic():
            first = record(Act.SIGNED_IN, by=therapist, at=AT).pk
        run(*ENTRY_GUARD.remove_statements(connection), f"DELETE FROM audit_entry WHERE id = {first}")
        run(*ENTRY_GUARD.install_statements(connection))
        with transaction.atomic():
            assert record(Act.SIGNED_IN, by=therapist, at=AT).pk > first


class TestAppendOnly:
    def test_goes_backwards_and_forwards_again(self, committed):
        migration = MigrationLoader(connection).get_migration("audit", "0002_append_only")
        migrate(migration.operations, forwards=False)
        assert sorted(problem.split()[2] for problem in installed_guards_problems(connection)) == sorted(
            trigger for table in ("audit_entry", "audit_entrysubject") for trigger in triggers_of(table)
        )
        migrate(migration.operations, forwards=True)
        assert installed_guards_problems(connection) == []

    def test_may_be_repeated_after_a_table_was_remade(self, committed):
        migrate([AppendOnly("audit_entry", unique_columns=("id", "uid"))], forwards=True)
        assert installed_guards_problems(connection) == []

    def test_is_down_while_its_table_is_altered_and_up_after(self, committed):
        guarded = AppendOnly("audit_entry", unique_columns=("id", "uid"))
        down, up = TakenDown(guarded), PutUp(guarded)
        for step, forwards, problems in [
            (down, True, True),
            (up, True, False),
            (up, False, True),
            (down, False, False),
        ]:
            migrate([step], forwards=forwards)
            assert bool(installed_guards_problems(connection)) is problems
        assert [down.describe(), up.describe()] == ["Take the guard of audit_entry down", "Guard audit_entry again"]

    @pytest.mark.parametrize("table", ["audit_entry; --", "Entry", "", "a" * 60])
    def test_takes_only_plain_names(self, table):
        with pytest.raises(ValueError, match="cannot be written"):
            AppendOnly(table, unique_columns=("id",))

    def test_says_what_it_does(self):
        assert AppendOnly("audit_entry", unique_columns=("id",)).describe() == "Let audit_entry only grow"

    def test_is_rebuilt_from_its_own_description(self):
        operation = AppendOnly("audit_entrysubject", unique_columns=("id", ("handle", "entry_id")))
        _, args, kwargs = operation.deconstruct()
        assert (
            AppendOnly(*args, **kwargs).guard
            == operation.guard
            == Guard("audit_entrysubject", (("id",), ("handle", "entry_id")))
        )


def migrate(operations: Sequence[Operation], *, forwards: bool) -> None:
    with connection.schema_editor() as editor:
        for operation in operations:
            step = operation.database_forwards if forwards else operation.database_backwards
            step("audit", editor, ProjectState(), ProjectState())


def triggers_of(table: str) -> list[str]:
    if connection.vendor == "postgresql":
        return ["append_only", "no_truncate"]
    return [f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace"]
