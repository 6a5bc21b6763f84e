"""Which tables only ever grow, and the database triggers that see to it.

A guarded table may have columns that are sealed anew when a vault's key is replaced. Such a column alone may change,
and only from one sealed text to another of a later generation: what the text says is bound and signed elsewhere.
Its rows may have an ending: a register of what was destroyed, without which none of them is deleted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from audit.guards import postgresql, sqlite
from audit.guards.tables import Ending, Key, Table

# Table and column names are written into the text of triggers, which takes no parameters.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


class _Dialect(Protocol):
    def install(self, table: Table) -> Iterator[str]: ...
    def remove(self, table: str) -> Iterator[str]: ...
    def problems(self, cursor: CursorWrapper, table: Table) -> Iterator[str]: ...
    def columns(self, cursor: CursorWrapper, table: str) -> list[str]: ...
    def unique_keys(self, cursor: CursorWrapper, table: str) -> list[list[str]]: ...


@dataclass(frozen=True)
class Guard:
    """One append-only table, the columns (or sets of columns) that are unique in it, and those that are sealed anew."""

    table: str
    keys: tuple[Key, ...]
    sealed: tuple[str, ...] = ()
    ending: Ending | None = None

    def __post_init__(self) -> None:
        unique = (column for key in self.keys for column in key)
        for name in (self.table, *self.sealed, *unique, *(self.ending.names if self.ending else ())):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot be written into a trigger")

    def install_statements(self, connection: BaseDatabaseWrapper) -> list[str]:
        """Give the SQL that puts the triggers up; running it twice is harmless."""
        with connection.cursor() as cursor:
            table = self._described(connection, cursor)
        return [*self.remove_statements(connection), *_dialect(connection).install(table)]

    def remove_statements(self, connection: BaseDatabaseWrapper) -> list[str]:
        """Give the SQL that takes the triggers down, whether or not they are up."""
        return list(_dialect(connection).remove(self.table))

    def problems(self, connection: BaseDatabaseWrapper) -> list[str]:
        """Say, in sentences, how the installed table differs from a guarded one."""
        with connection.cursor() as cursor:
            if self.table not in connection.introspection.table_names(cursor):
                return [f"The table {self.table} is missing."]
            return [
                *_dialect(connection).problems(cursor, self._described(connection, cursor)),
                *self._unlisted_keys(connection, cursor),
            ]

    def _described(self, connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> Table:
        # As it stands: a column that came later, and that the trigger does not hold fast, makes the texts differ.
        found = _dialect(connection).columns(cursor, self.table) if self.sealed else []
        fixed = sorted(set(found).difference(self.sealed))
        return Table(self.table, self.keys, self.sealed, tuple(fixed), self.ending)

    def _unlisted_keys(self, connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> Iterator[str]:
        # REPLACE deletes whatever row stands in the way of any unique key,
        # so a key that the guard was not told of is a hole in it.
        listed = {frozenset(key) for key in self.keys}
        for columns in _dialect(connection).unique_keys(cursor, self.table):
            if frozenset(columns) not in listed:
                yield f"The guard of {self.table} does not know its unique key {columns}."


def _dialect(connection: BaseDatabaseWrapper) -> _Dialect:
    dialects: dict[str, _Dialect] = {"sqlite": sqlite, "postgresql": postgresql}
    return dialects[connection.vendor]
