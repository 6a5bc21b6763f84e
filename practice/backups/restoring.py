"""Bringing a practice back: into an empty installation, from files that are as they were written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from access.roles import Role
from access.services.people import staff_with
from audit.actors import Named, System
from audit.acts import Act
from audit.services import record
from clients.services.tombstones import put_back_tombstones
from keys.services import Held, Standing, held, hold_revived_grants, release
from practice.backups.folder import KEYS, RECORDS, STANDING, TOMBSTONES, Backup, BackupDamaged, browse_backups
from practice.backups.making import AUDIT_TYPE
from practice.backups.sqlite import left_behind
from practice.backups.streams import StreamFailed, load, plain_words
from practice.serve_lock import Taken, alone


class CannotRestore(RuntimeError):
    """Nothing was restored; the message says why in plain words."""


@dataclass(frozen=True)
class Chosen:
    """What a restore takes: records, the keys for them, and the latest list of what could open something."""

    records: Backup
    keys: Backup
    latest: Backup


@dataclass(frozen=True)
class Restored:
    """What was restored, and what stays out of reach until a manager confirms it."""

    chosen: Chosen
    held: list[Held]


def restore(*, folder: Path, stamp: str = "", settled: bool = False, at: datetime) -> Restored:
    """Fill an empty installation from a backup, and keep out of reach what may have been taken away since.

    :param stamp: which backup, by its name; the newest without
    :param settled: nothing was changed after the newest backup of the folder, so its list is complete
    :raises CannotRestore: the installation is as empty as before
    """
    with _no_server():
        _require_whole_move()
        _require_empty()
        return _restore(folder=folder, stamp=stamp, settled=settled, at=at)


def _restore(*, folder: Path, stamp: str, settled: bool, at: datetime) -> Restored:
    try:
        chosen = choose(folder, stamp)
        require_fit(chosen)
        known, destroyed = _standing_of(chosen.latest)
        load(chosen.records.records, chosen.keys.keys)
    except (BackupDamaged, StreamFailed) as error:
        raise CannotRestore(f"{error} Nothing was restored.") from error
    call_command("migrate", interactive=False, verbosity=0)
    _settle(chosen, known, destroyed, settled=settled, at=at)
    call_command("check", databases=["default"], stdout=StringIO())
    return Restored(chosen, held())


def choose(folder: Path, stamp: str = "") -> Chosen:
    """Find a backup and verify every file of it that a restore reads.

    :raises BackupDamaged: a file is missing or was changed
    :raises CannotRestore: there is no such backup, or no keys that could go with it
    """
    backups = browse_backups(folder)
    records = next((backup for backup in reversed(backups) if stamp in ("", backup.stamp)), None)
    if records is None:
        raise CannotRestore(f"There is no whole backup {stamp} in {folder}.".replace("  ", " "))
    # Records are kept longer than keys: those of a later backup open all that was not destroyed since.
    keys = next((backup for backup in backups if backup.stamp >= records.stamp and backup.has_keys), None)
    if keys is None:
        days = "their 35 days are over, or they lie elsewhere"
        raise CannotRestore(f"The keys of {records.stamp} and of all later backups are gone from {folder}: {days}.")
    records.verify(RECORDS)
    keys.verify(KEYS)
    return Chosen(records, keys, _latest([backup for backup in backups if backup.has_keys]))


def _latest(backups: list[Backup]) -> Backup:
    # One that was damaged later than the chosen one must not stop a restore; its list is simply not there to compare.
    for backup in reversed(backups):
        with _forgiving():
            backup.verify(KEYS)
            return backup
    raise AssertionError("the chosen one was verified")


@contextmanager
def _forgiving() -> Iterator[None]:
    try:
        yield
    except BackupDamaged:
        return


@contextmanager
def _no_server() -> Iterator[None]:
    # A server keeps the file open that was moved away, and goes on saving into it.
    try:
        with alone():
            yield
    except Taken as error:
        raise CannotRestore(
            "This practice is being served, or another restore is at work. Nothing was changed. Stop `serve` first."
        ) from error


def _require_whole_move() -> None:
    # Before anything connects: to connect makes a new file, and then drops the log as not belonging to it.
    if left := left_behind():
        names = " and ".join(str(place) for place in left)
        raise CannotRestore(
            f"The database was moved away, but {names} stayed. The newest records may be in there and nowhere else. "
            "Nothing was changed. Move the file together with its -wal and -shm, all three to one place and under one "
            "name: old.sqlite3, old.sqlite3-wal, old.sqlite3-shm."
        )


def _require_empty() -> None:
    # Tables without a practice are refused too: nothing is ever removed to make room.
    if connection.introspection.table_names():
        raise CannotRestore(
            "This installation is not empty: its database has tables. Nothing was changed. A restore needs a new "
            "database: move the old file away together with its -wal and -shm, or name another one in DATABASE_URL."
        )


def require_fit(chosen: Chosen) -> None:
    """Check that this database and this version can take the backup.

    :raises CannotRestore: another kind of database, or a newer version
    """
    manifest = chosen.records.manifest
    if manifest["database"] != connection.vendor:
        raise CannotRestore(
            f"This is a backup of {manifest['database']}, and the database here is {connection.vendor}."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    newest = chosen.keys.manifest["migrations"]
    if newer := sorted({*manifest["migrations"], *newest} - known):
        raise CannotRestore(f"This backup was made by a newer Subrosa ({newer[0]}). Install that version first.")


def _standing_of(backup: Backup) -> tuple[Standing, list[dict[str, str]]]:
    with plain_words(backup.keys):
        lists = json.loads((backup.keys / STANDING).read_text())
    # A backup of a version before destruction has no such list.
    destroyed = lists.pop(TOMBSTONES, [])
    return Standing(**{name: frozenset(names) for name, names in lists.items()}), destroyed


@transaction.atomic(durable=True)
def _settle(chosen: Chosen, known: Standing, destroyed: list[dict[str, str]], *, settled: bool, at: datetime) -> None:
    put_back_tombstones(destroyed)
    hold_revived_grants(known)
    # Managers come in unless the list speaks against it, because somebody has to confirm all others.
    managers = {user.pk for user in staff_with(Role.MANAGER)}
    release({row.name for row in held() if row.name in known.bundles and (settled or row.holder in managers)})
    record(Act.BACKUP_RESTORED, by=System(), at=at, target=Named(AUDIT_TYPE, chosen.records.uid))
