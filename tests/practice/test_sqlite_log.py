"""SQLite's connections stay open, and what was erased lies in no write-ahead log all the same."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from practice.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.once

Connect = Callable[[], DatabaseWrapper]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.sqlite3"


@pytest.fixture
def connect(file: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Connect]:
    """Open connections as a practice does, to a database of this test's own."""
    opened: list[DatabaseWrapper] = []

    def open_one() -> DatabaseWrapper:
        opened.append(DatabaseWrapper({**connections["default"].settings_dict, "NAME": str(file)}, alias="own"))
        opened[-1].ensure_connection()
        return opened[-1]

    with django_db_blocker.unblock():
        yield open_one
        for one in opened:
            one.close()


@pytest.fixture
def ours(connect: Connect) -> DatabaseWrapper:
    """A connection that has written something and is about to end its request."""
    ours = connect()
    run(ours, "CREATE TABLE texts (text TEXT)")
    run(ours, "INSERT INTO texts VALUES ('withdrawn@example.org')")
    run(ours, "DELETE FROM texts")
    return ours


def run(connection, statement):
    with connection.cursor() as cursor:
        return list(cursor.execute(statement))


def log_of(file):
    return Path(f"{file}-wal").read_bytes()


class TestTheEndOfARequest:
    def test_empties_the_log_and_keeps_the_connection(self, ours, file):
        raw = ours.connection
        assert b"withdrawn@" in log_of(file)

        ours.close_if_unusable_or_obsolete()

        assert log_of(file) == b""
        assert b"withdrawn@" not in file.read_bytes()
        assert ours.connection is raw

    def test_waits_for_nobody_and_leaves_it_to_who_is_last(self, ours, connect, file):
        other = connect()
        run(other, "BEGIN DEFERRED")
        run(other, "SELECT * FROM texts")
        run(ours, "INSERT INTO texts VALUES ('after')")

        started = time.monotonic()
        ours.close_if_unusable_or_obsolete()
        assert time.monotonic() - started < 2
        assert log_of(file)

        run(other, "COMMIT")
        other.close_if_unusable_or_obsolete()
        assert log_of(file) == b""

    def test_goes_on_waiting_for_writers_afterwards(self, ours):
        ours.close_if_unusable_or_obsolete()
        assert run(ours, "PRAGMA busy_timeout") == [(5000,)]

    def test_closes_what_is_still_being_read(self, ours, file):
        run(ours, "INSERT INTO texts VALUES ('one'), ('two')")
        forgotten = ours.connection.execute("SELECT * FROM texts")
        assert next(forgotten)

        ours.close_if_unusable_or_obsolete()

        assert ours.connection is None
        assert run(ours, "SELECT count(*) FROM texts") == [(2,)]

    def test_leaves_a_transaction_alone(self, connect, ours, file):
        ours.in_atomic_block = True
        run(ours, "INSERT INTO texts VALUES ('within')")
        ours.close_if_unusable_or_obsolete()
        assert log_of(file)
        ours.in_atomic_block = False
