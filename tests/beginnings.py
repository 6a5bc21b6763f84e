"""What many tests begin with, made once: in a transaction around theirs, to which each of them rolls back.

A client who has signed, a record, a colleague who covers: walking there anew took a third of the suite's time.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import wraps
from inspect import signature
from itertools import count, takewhile
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.cast import Cast

_NUMBERS = count()


@dataclass(frozen=True, order=True)
class Beginning:
    """Something made in the database, and what tells of it.

    :param number: in the order of definition, so that what another one needs comes before it
    :param make: takes the cast and other beginnings, by their names
    """

    number: int
    make: Callable[..., Any] = field(compare=False)

    def made_of(self, known: dict[str, Any]) -> Any:
        """Make it."""
        return self.make(**{name: known[name] for name in signature(self.make).parameters})


def beginning(make: Callable[..., Any]) -> Any:
    """Have a fixture made once for the tests of a module that ask for it; others find nothing of it in the database.

    Each test is handed a copy, so that no test sees what another did to an object.
    """

    @wraps(make)
    def of_this_test(**_needs: Any) -> Any:
        return STANDING.copy_of(make.__name__)

    vars(of_this_test)["beginning"] = Beginning(next(_NUMBERS), make)
    return pytest.fixture(of_this_test)


def beginnings_of(item: pytest.Item) -> list[Beginning]:
    """Return what a test asks for, itself or by its fixtures, in the order of making."""
    definitions = item._fixtureinfo.name2fixturedefs.items() if isinstance(item, pytest.Function) else ()
    asked = [known[-1].func for name, known in definitions if name in item.fixturenames]  # type: ignore[attr-defined]
    return sorted(vars(function)["beginning"] for function in asked if "beginning" in getattr(function, "__dict__", {}))


class Standing:
    """What stands at the moment, the latest in the innermost transaction."""

    def __init__(self) -> None:
        self._stack: list[tuple[Beginning, transaction.Atomic]] = []
        self._known: dict[str, Any] = {}

    def stand(self, wanted: list[Beginning], *, cast: Cast, blocker: DjangoDbBlocker) -> None:
        """Take back what is not wanted, and make what is missing."""
        standing = [beginning for beginning, _ in self._stack]
        kept = len([*takewhile(lambda pair: pair[0] is pair[1], zip(standing, wanted, strict=False))])
        self.take_back(blocker, kept=kept)
        self._known.setdefault("cast", cast)
        with blocker.unblock():
            for beginning in wanted[kept:]:
                self._enter(beginning)

    def _enter(self, beginning: Beginning) -> None:
        around = transaction.atomic()
        # What Django says of the transactions of its own tests: services that commit may run inside.
        around._from_testcase = True  # type: ignore[attr-defined]
        around.__enter__()
        self._stack.append((beginning, around))
        self._known[beginning.make.__name__] = beginning.made_of(self._known)

    def take_back(self, blocker: DjangoDbBlocker, *, kept: int = 0) -> None:
        """Roll back all but the first of them."""
        with blocker.unblock():
            while len(self._stack) > kept:
                beginning, around = self._stack.pop()
                self._known.pop(beginning.make.__name__, None)
                transaction.set_rollback(True)
                around.__exit__(None, None, None)

    def copy_of(self, name: str) -> Any:
        # The people themselves are everybody's, and their keys cannot be copied.
        return deepcopy(self._known[name], {id(each): each for each in _people(self._known["cast"])})


def _people(cast: Cast) -> Iterator[object]:
    yield cast
    for part in vars(cast).values():
        yield part
        yield getattr(part, "person", part)


STANDING = Standing()


def side_by_side(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Order the tests of each module so that those with the same beginnings are neighbours."""
    places: dict[object, int] = {}
    return sorted(items, key=lambda item: (places.setdefault(item.path, len(places)), beginnings_of(item)))
