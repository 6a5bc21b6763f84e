"""What a dialect is told of a table that it guards."""

from dataclasses import dataclass

Key = tuple[str, ...]


@dataclass(frozen=True)
class Ending:
    """When rows may go after all: once `table`, which itself only grows, says so of what they belong to.

    :param table: a row in it, whose `column` is the guarded row's own `column`, lets the guarded row be deleted
    :param through: where the guarded row lacks that column: its reference, and the table that has both ``id`` and it
    """

    table: str
    column: str
    through: tuple[str, str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is written into a trigger."""
        return (self.table, self.column, *(self.through or ()))


@dataclass(frozen=True)
class Table:
    """A guarded table: its unique keys, the columns that may be sealed anew, and all the others if there are any."""

    name: str
    keys: tuple[Key, ...]
    sealed: tuple[str, ...]
    fixed: tuple[str, ...]
    ending: Ending | None = None
