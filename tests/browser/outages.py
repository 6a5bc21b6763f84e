"""What machines do on bad days, on either database: no room, no writing, a log that takes no entries."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.browser.server import DemoPractice, Server

# Byte 18 of an SQLite file says which version may write it; from 3 on it is read only (file format, section 1.3.3).
_WRITE_VERSION = 18
_WAL, _UNKNOWN = b"\x02", b"\x03"


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """Leave no room: SQLite's process may make no file longer, PostgreSQL reports class 53100 at a draft."""
    if is_sqlite(server.practice):
        assert server.process is not None
        with _short_files(server.process.pid):
            yield
    else:
        with _trigger(server.practice, "notes_draft", "UPDATE", code="53100"):
            yield


@contextmanager
def stopped_log(practice: DemoPractice) -> Iterator[None]:
    """Let the access log take no entries."""
    with _trigger(practice, "audit_entry", "INSERT", code="P0001"):
        yield


@contextmanager
def read_only(server: Server) -> Iterator[None]:
    """Let nobody write to the database. The server comes back to it, as after a restart of the machine."""
    server.stop()
    _allow_writing(server.practice, allowed=False)
    server.start()
    try:
        yield
    finally:
        server.stop()
        _allow_writing(server.practice, allowed=True)
        server.start()


def is_sqlite(practice: DemoPractice) -> bool:
    return practice.database_url.startswith("sqlite")


@contextmanager
def _short_files(parent: int) -> Iterator[None]:
    # The server process started its workers, which are the ones that write.
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    before = {int(child): resource.prlimit(int(child), resource.RLIMIT_FSIZE) for child in children}
    for child, (_, hard) in before.items():
        resource.prlimit(child, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for child, limits in before.items():
            resource.prlimit(child, resource.RLIMIT_FSIZE, limits)


@contextmanager
def _trigger(practice: DemoPractice, table: str, event: str, *, code: str) -> Iterator[None]:
    if is_sqlite(practice):
        make = [f"CREATE TRIGGER bad_day BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'bad day'); END"]
        drop = ["DROP TRIGGER bad_day"]
    else:
        body = f"BEGIN RAISE EXCEPTION 'bad day' USING ERRCODE = '{code}'; END"
        make = [
            f"CREATE FUNCTION bad_day() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"CREATE TRIGGER bad_day BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION bad_day()",
        ]
        drop = ["DROP FUNCTION bad_day() CASCADE"]
    for statement in make:
        practice.execute(statement)
    try:
        yield
    finally:
        for statement in drop:
            practice.execute(statement)


def _allow_writing(practice: DemoPractice, *, allowed: bool) -> None:
    if not is_sqlite(practice):
        name = practice.database_url.rsplit("/", 1)[1]
        alter = f"ALTER DATABASE {name} SET default_transaction_read_only = {'off' if allowed else 'on'}"
        # Also the transaction that takes it back would be read only.
        practice.execute(f"BEGIN READ WRITE; {alter}; COMMIT")
        return
    file = Path(practice.database_url.removeprefix("sqlite:///"))
    if not allowed:
        with closing(sqlite3.connect(file)) as connection:
            # All of it into the file, so that no newer copy of the first page lies in the log.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as stream:
        stream.seek(_WRITE_VERSION)
        stream.write(_WAL if allowed else _UNKNOWN)
