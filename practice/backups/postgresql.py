"""The two streams of a practice on PostgreSQL: two archives of pg_dump, of one and the same snapshot."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from keys.services import HOLD_ALL_BUNDLES
from practice.backups.tables import key_tables, left_out

RECORDS_FILE, KEYS_FILE = "records.dump", "keys.dump"


class ToolFailed(RuntimeError):
    """A program of PostgreSQL is missing or failed; the message says it in its words."""


def dump(records: Path, keys: Path) -> None:
    """Write both streams as they stand at one moment, while others go on writing.

    :raises ToolFailed: pg_dump is missing, of another version, or found no room
    """
    without = [f"--exclude-table-data={table}" for table in [*key_tables(), *left_out()]]
    # Sequences too, so that a restored table goes on counting where it was.
    only = [f"--table={table}" for table in key_tables()]
    with _one_moment() as moment:
        common = [*_connect("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}"]
        _run([*common, *without, f"--file={records / RECORDS_FILE}"])
        _run([*common, "--data-only", *only, f"--file={keys / KEYS_FILE}"])


def load(records: Path, keys: Path) -> None:
    """Fill the empty database from both streams in one transaction, with every person's bundle out of reach.

    :raises ToolFailed: the archives do not fit together; the database is as empty as before
    """
    connection.close()
    # Only psql takes two archives, and our own statements after them, as one transaction.
    psql = [*_connect("psql"), "--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--output=/dev/null"]
    read, write = os.pipe()
    program = subprocess.Popen(  # noqa: S603 (found on PATH, no shell)
        [*psql, "--quiet", "--file=-"], stdin=read, stderr=subprocess.PIPE, env=_environment()
    )
    os.close(read)
    with program, os.fdopen(write, "wb") as script:
        try:
            for archive in (records / RECORDS_FILE, keys / KEYS_FILE):
                _run([find("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(archive)], into=write)
            # The archives leave no schema to be looked in.
            script.write(f"SET search_path = public; {HOLD_ALL_BUNDLES}".encode("ascii"))
        except BaseException:
            # Before it reads the end of its input, which would commit.
            program.kill()
            raise
        script.close()
        _, said = program.communicate()
    _require_success(psql[0], program.returncode, said)


@contextmanager
def _one_moment() -> Iterator[str]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        [moment] = cursor.fetchone()
        yield moment


def _connect(program: str) -> list[str]:
    (_, *arguments), _ = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    *options, name = arguments
    return [find(program), *options, f"--dbname={name}"]


def find(program: str) -> str:
    """Find a program of PostgreSQL.

    :raises ToolFailed: it is not on this machine
    """
    found = shutil.which(program)
    if found is None:
        raise ToolFailed(f"{program} is not on this machine. Install the client programs of PostgreSQL.")
    return found


def _environment() -> dict[str, str]:
    # The password, but none of our own secrets: they are no business of other programs.
    _, given = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | (given or {})


def _run(command: list[str], *, into: int | None = None) -> None:
    done = subprocess.run(command, stdout=into, stderr=subprocess.PIPE, env=_environment(), check=False)  # noqa: S603 (found on PATH, no shell)
    _require_success(command[0], done.returncode, done.stderr)


def _require_success(program: str, code: int, said: bytes) -> None:
    if code:
        lines = said.decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
        raise ToolFailed(f"{Path(program).name}: {lines[0]}")
