"""What many tests begin with, made once: in a transaction around theirs, to which each of them rolls back.

Walking a client through the limits to the signature took a quarter of the suite's time.
"""

from collections.abc import Callable

from django.db import transaction
from pytest_django import DjangoDbBlocker


class Beginning:
    """Something made for those tests of a module that ask for it; a test that does not finds nothing of it."""

    def __init__(self, blocker: DjangoDbBlocker, make: Callable[[], object]) -> None:
        self._blocker, self._make = blocker, make
        self._around: transaction.Atomic | None = None

    def stand(self) -> None:
        """Make it, unless it stands."""
        if self._around is not None:
            return
        self._around = transaction.atomic()
        # What Django says of the transactions of its own tests: services that commit may run inside.
        self._around._from_testcase = True  # type: ignore[attr-defined]
        with self._blocker.unblock():
            self._around.__enter__()
            self._make()

    def take_back(self) -> None:
        """Roll it back, if it stands."""
        if self._around is None:
            return
        around, self._around = self._around, None
        with self._blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
