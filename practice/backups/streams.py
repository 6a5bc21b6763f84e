"""The same two movements on either database: out into a backup, and back."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection

from practice.backups import postgresql, sqlite
from practice.backups.postgresql import ToolFailed

_VENDORS = {"sqlite": sqlite, "postgresql": postgresql}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StreamFailed(RuntimeError):
    """It did not work; the message says why in plain words."""


def dump(records: Path, keys: Path) -> None:
    """Write both streams into their folders.

    :raises StreamFailed: no room, no right to write, or a program that is missing
    """
    with plain_words(records):
        _VENDORS[connection.vendor].dump(records, keys)


def load(records: Path, keys: Path) -> None:
    """Fill the empty database from both streams, with every person's bundle out of reach.

    :raises StreamFailed: it did not work, and the database is as empty as before
    """
    with plain_words(records):
        _VENDORS[connection.vendor].load(records, keys)


@contextmanager
def plain_words(place: Path) -> Iterator[None]:
    """Say what went wrong with files at `place` so that somebody can do something about it.

    :raises StreamFailed: in place of what the system or the database said
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StreamFailed(f"There is no room left for {place}.") from error
        raise StreamFailed(f"{error.filename or place}: {error.strerror}.") from error
    except ToolFailed as error:
        raise StreamFailed(str(error)) from error
    except (DatabaseError, sqlite3.Error) as error:
        raise StreamFailed(f"The database says: {error}. Is there room left on both disks?") from error
