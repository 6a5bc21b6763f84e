"""Writing many rows at once, each only where it still is what was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Model

from keys.columns import SealedColumn
from keys.stored import Stored


@dataclass(frozen=True)
class Change:
    """One row's new values by column; `old` are values that must stand there, else the row stays as it is."""

    pk: Any
    new: Mapping[str, Any]
    old: Mapping[str, Any] = field(default_factory=dict)


def change_rows(model: type[Model], changes: Sequence[Change]) -> None:
    """Write changes that name the same columns, in one go."""
    if not changes:
        return
    meta: Any = model._meta
    put, held = ([meta.get_field(name) for name in names] for names in (changes[0].new, changes[0].old))
    held.append(meta.pk)
    values = [_written([*put, *held], [*change.new.values(), *change.old.values(), change.pk]) for change in changes]
    _update(meta.db_table, put, held, values)


def change_texts(column: SealedColumn, changes: Sequence[tuple[Stored, bytes]]) -> None:
    """Write texts of one column, each only where its row still has the text that was read."""
    meta: Any = column.rows.model._meta
    sealed = meta.get_field(column.column)
    values = [(anew, text.sealed, text.key) for text, anew in changes]
    _update(meta.db_table, [sealed], [sealed, meta.pk], values)


def _update(table: str, put: Sequence[Any], held: Sequence[Any], values: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        # The names are those of our own models.
        sql = f"UPDATE {_name(table)} SET {', '.join(map(_is, put))} WHERE {' AND '.join(map(_is, held))}"  # noqa: S608
        cursor.executemany(sql, values)


def _written(columns: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    return [column.get_db_prep_value(value, connection) for column, value in zip(columns, values, strict=True)]


def _name(name: str) -> str:
    return connection.ops.quote_name(name)


def _is(column: Any) -> str:
    return f"{_name(column.column)} = %s"
