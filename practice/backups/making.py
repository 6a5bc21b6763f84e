"""Making a backup: whole or not at all, and the log knows."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from access.services.people import is_set_up
from audit.actors import Named, System
from audit.acts import Act
from audit.services import record
from clients.services.tombstones import dump_tombstones
from keys.services import BACKUPS_KEEP_KEYS, take_standing
from practice.backups.folder import STANDING, TOMBSTONES, Backup, locked, new_backup, prune
from practice.backups.streams import StreamFailed, dump, plain_words

AUDIT_TYPE = "practice.backup"


class CannotBackUp(RuntimeError):
    """No backup was made; the message says why in plain words."""


@dataclass(frozen=True)
class Made:
    """A new backup, and the older ones whose keys were removed because their time was over."""

    backup: Backup
    expired: list[str]

    @property
    def keys_until(self) -> datetime:
        return self.backup.made_at + BACKUPS_KEEP_KEYS


def make_backup(*, folder: Path, at: datetime) -> Made:
    """Write a backup of the practice as it stands, beside the older ones in the folder.

    :raises CannotBackUp: nothing that looks like a backup was left behind
    :raises AuditUnavailable: the backup is whole, but the log takes no entries
    """
    require_sense(folder)
    try:
        with plain_words(folder), locked(folder):
            return make_locked(folder=folder, at=at)
    except StreamFailed as error:
        raise CannotBackUp(f"{error} No backup was made.") from error


def make_locked(*, folder: Path, at: datetime) -> Made:
    """Make a backup while holding the folder's lock: see :func:`make_backup`."""
    with new_backup(folder, facts=_facts(), at=at) as (records, keys):
        dump(records, keys)
        # After the tables: what is taken away in between comes back with them, and this list tells.
        (keys / STANDING).write_text(_standing())
    made = Made(Backup.of(folder, at), prune(folder, at=at))
    with transaction.atomic(durable=True):
        record(Act.BACKUP_MADE, by=System(), at=at, target=Named(AUDIT_TYPE, made.backup.uid))
    return made


def require_sense(folder: Path) -> None:
    """Check that there is something to back up, and that the folder would outlive it.

    :raises CannotBackUp: there is not, or it would not
    """
    if not is_set_up():
        raise CannotBackUp("There is no practice here yet, so there is nothing to back up.")
    if folder.resolve().is_relative_to(Path(settings.VAR_DIR).resolve()):
        raise CannotBackUp(
            f"{folder} lies inside {settings.VAR_DIR}, beside what it should outlive. Choose a folder on another disk."
        )


def _facts() -> dict[str, object]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {"database": connection.vendor, "migrations": sorted(f"{app}.{name}" for app, name in applied)}


def _standing() -> str:
    standing = {name: sorted(names) for name, names in asdict(take_standing()).items()}
    return json.dumps(standing | {TOMBSTONES: dump_tombstones()})
