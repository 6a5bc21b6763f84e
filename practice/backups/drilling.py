"""Rehearsing a restore: the very command, on a database that is thrown away afterwards."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from audit.actors import Named, System
from audit.acts import Act
from audit.services import record
from practice.backups.folder import UNFINISHED, Backup, BackupDamaged
from practice.backups.making import AUDIT_TYPE
from practice.backups.restoring import CannotRestore, choose
from practice.backups.streams import StreamFailed, plain_words


def drill(*, folder: Path, stamp: str = "", at: datetime) -> Backup:
    """Restore a backup beside the practice, which goes on working, and note in its log that it worked.

    :raises CannotRestore: it did not work, or there is no room or right for a second database
    """
    try:
        backup = choose(folder, stamp).records
        with (
            plain_words(folder),
            tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=settings.RUN_DIR) as scratch,
            _scratch_database(scratch) as url,
        ):
            _restore_into(url, scratch, folder, backup)
    except (BackupDamaged, StreamFailed) as error:
        raise CannotRestore(str(error)) from error
    with transaction.atomic(durable=True):
        record(Act.BACKUP_DRILLED, by=System(), at=at, target=Named(AUDIT_TYPE, backup.uid))
    return backup


def _restore_into(url: str, scratch: str, folder: Path, backup: Backup) -> None:
    # An installation of its own but for the key files: the server goes on beside it, with its own lock.
    places = {"DATABASE_URL": url, "VAR_DIR": scratch, "KEY_DIR": str(settings.KEY_DIR.resolve())}
    command = [sys.executable, "manage.py", "restore", str(folder.resolve()), "--of", backup.stamp]
    done = subprocess.run(  # noqa: S603 (our own command, no shell)
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotRestore(done.stderr.strip() or f"The restore ended with exit code {done.returncode}.")


@contextmanager
def _scratch_database(scratch: str) -> Iterator[str]:
    name = f"drill_{uuid4().hex}"
    if connection.vendor == "sqlite":
        yield f"sqlite:///{scratch}/{name}.sqlite3"
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name}")
