"""Why a rehearsal or a recovery did not go ahead."""

from collections.abc import Iterator
from contextlib import contextmanager

from keys.errors import CodesRefused, KeyRefused
from practice.retyping import NothingKept


class CannotRecover(NothingKept):
    """Everything stays as it was; the message says why in plain words."""


@contextmanager
def plain_reasons() -> Iterator[None]:
    """Say in plain words why printed codes, or the recovery key behind them, do not do.

    :raises CannotRecover: they do not
    """
    try:
        yield
    except CodesRefused as error:
        raise CannotRecover(str(error)) from error
    except KeyRefused as error:
        raise CannotRecover(
            f"The codes are right, but the recovery key in the database is not the one they open ({error.reason}). "
            "Somebody changed the database: restore it from a backup made before that."
        ) from error
