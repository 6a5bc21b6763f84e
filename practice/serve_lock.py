"""One lock for each installation: its servers share it, and a restore has it alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

_FILE = "serve.lock"


class Taken(RuntimeError):
    """The installation is in use, in a way that does not go together with what was to be done."""


def share_for_life() -> None:
    """Keep the lock until this process, what it becomes and what it forks are all gone, however they end.

    :raises Taken: a restore is at work
    """
    # A worker that outlives its parent still writes to the database, so it holds the lock too.
    os.set_inheritable(_take(fcntl.LOCK_SH), True)


@contextmanager
def alone() -> Iterator[None]:
    """Keep servers, and other restores, away for as long as this lasts.

    :raises Taken: a server runs, or another restore
    """
    descriptor = _take(fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _take(kind: int) -> int:
    descriptor = os.open(settings.RUN_DIR / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Taken from error
    return descriptor
