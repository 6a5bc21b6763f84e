"""SQLite's guard: three triggers.

The third is needed because REPLACE removes the row in its way without firing delete triggers
(they fire for it only under PRAGMA recursive_triggers, which any connection can leave off).
"""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

Key = tuple[str, ...]

_REFUSE = "BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END"


def install(table: str, keys: tuple[Key, ...]) -> Iterator[str]:
    yield from _triggers(table, keys).values()


def remove(table: str) -> Iterator[str]:
    for name in _triggers(table, ()):
        yield f"DROP TRIGGER IF EXISTS {name}"


def problems(cursor: CursorWrapper, table: str, keys: tuple[Key, ...]) -> Iterator[str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = %s", [table])
    installed = dict(cursor.fetchall())
    expected = _triggers(table, keys)
    for name in sorted(installed.keys() | expected.keys()):
        if name not in installed:
            yield f"The trigger {name} of {table} is missing."
        elif name not in expected:
            yield f"Somebody added the trigger {name} to {table}."
        elif installed[name] != expected[name]:
            yield f"The trigger {name} of {table} was altered."


def _triggers(table: str, keys: tuple[Key, ...]) -> dict[str, str]:
    # A trigger takes no parameters; Guard has checked that the names are plain.
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {_same(key)})" for key in keys)  # noqa: S608
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        + _REFUSE.format(table=table, verb="UPDATE"),
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        + _REFUSE.format(table=table, verb="DELETE"),
        f"{table}_no_replace": f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        + _REFUSE.format(table=table, verb="REPLACE"),
    }


def _same(key: Key) -> str:
    return " AND ".join(f"{column} = NEW.{column}" for column in key)
