"""Which process wrote an entry, and as its how-many-eth: gaps show that an entry was taken out.

A number whose transaction was rolled back never reaches the table. The next entry written by the
same thread declares it void, so that only numbers that vanish afterwards stay unexplained.
"""

import itertools
import os
import secrets
import threading
from collections.abc import Callable

from django.db import transaction

from audit.canonical import Json

# Keeps an entry far below its limit of 16 KiB however much was rolled back; the rest waits for the next one.
_MAX_VOIDS = 64


class Writer:
    """A random name and a counter, made anew in each process."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Take a new name and count from one."""
        self._name = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._thread = threading.local()

    def sign(self) -> list[Json]:
        """Give the next entry its name, its number and, if there are any, the numbers it declares void.

        Call it inside the transaction that will hold the entry.
        """
        number = next(self._numbers)
        unsettled = self._unsettled()
        voids = self._rolled_back()

        def settle() -> None:
            # The voids go only now: the entry that declares them may be rolled back too.
            for settled in (number, *voids):
                unsettled.pop(settled, None)

        unsettled[number] = settle
        transaction.on_commit(settle)
        return [self._name, number, list[Json](voids)] if voids else [self._name, number]

    def _rolled_back(self) -> list[int]:
        # Django forgets the callbacks of a transaction or savepoint that is rolled back.
        waiting = {callback for _, callback, _ in transaction.get_connection().run_on_commit}
        return [number for number, settle in self._unsettled().items() if settle not in waiting][:_MAX_VOIDS]

    def _unsettled(self) -> dict[int, Callable[[], None]]:
        if not hasattr(self._thread, "unsettled"):
            self._thread.unsettled = {}
        return self._thread.unsettled  # type: ignore[no-any-return]


WRITER = Writer()
# A server that forks its workers would otherwise give all of them one name and the same numbers.
os.register_at_fork(after_in_child=WRITER.renew)
