"""The clock beside the server: one backup each night, and what the database need not keep is tidied away."""

import logging
import os
import time as clock
from datetime import datetime, time, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from audit.acts import Act
from audit.services import AuditUnavailable, last_time
from clients.services.expiring import expire_keys
from notes.services.versions import forget_old_versions
from practice.backups.folder import BackupDamaged, locked
from practice.backups.making import CannotBackUp, make_locked, require_sense
from practice.backups.streams import StreamFailed, plain_words
from practice.destroying import destroy_due

logger = logging.getLogger(__name__)

# While a practice sleeps. A machine that is off at night makes up for it when it starts.
NIGHT = time(2, 30)
_LOOK_EVERY = timedelta(seconds=20)
_AFTER_A_FAILURE = timedelta(hours=1)


def is_due(*, at: datetime) -> bool:
    """Say whether no backup was made since the last half past two at night, by the practice's own clock."""
    here = timezone.localtime(at)
    tonight = timezone.make_aware(datetime.combine(here.date(), NIGHT))
    last_night = tonight if tonight <= here else tonight - timedelta(days=1)
    made_at = last_time(Act.BACKUP_MADE)
    return made_at is None or made_at < last_night


def keep_watch(folder: Path, *, server: int) -> None:
    """Make a backup whenever one is due, for as long as the server that started this process runs.

    :param server: its process id; an orphan has another parent
    """
    while os.getppid() == server:
        pause = _LOOK_EVERY if look_once(folder, at=timezone.now()) else _AFTER_A_FAILURE
        awake_at = clock.monotonic() + pause.total_seconds()
        while os.getppid() == server and clock.monotonic() < awake_at:
            clock.sleep(1)


def look_once(folder: Path, *, at: datetime) -> bool:
    """Do what is due now, and tell the log of the server, which mails it, when that fails.

    :returns: whether all is well
    """
    try:
        _work(folder, at)
    except (CannotBackUp, StreamFailed, BackupDamaged, AuditUnavailable, DatabaseError) as error:
        logger.error("The nightly backup failed: %s", error)
        return False
    finally:
        # The next look may be hours away, and the database may restart in between.
        connection.close()
    return True


def _work(folder: Path, at: datetime) -> None:
    # Not only at night: what was lent until noon is gone at noon.
    expire_keys(at=at)
    forget_old_versions(at=at)
    if not is_due(at=at):
        return
    # Before the backup, so that this night's no longer holds what was to be destroyed.
    destroy_due(at=at)
    require_sense(folder)
    with plain_words(folder), locked(folder):
        # Again, now that nobody else can be at it: two servers may share a folder.
        if is_due(at=at):
            make_locked(folder=folder, at=at)
    call_command("clearsessions")
