"""What a dialect is told of a table that it guards."""

from dataclasses import dataclass

Key = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A guarded table: its unique keys, the columns that may be sealed anew, and all the others if there are any."""

    name: str
    keys: tuple[Key, ...]
    sealed: tuple[str, ...]
    fixed: tuple[str, ...]
