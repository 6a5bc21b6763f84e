"""SQLite's guard: three triggers.

The third is needed because REPLACE removes the row in its way without firing delete triggers
(they fire for it only under PRAGMA recursive_triggers, which any connection can leave off).
"""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

from audit.guards.tables import Ending, Key, Table

_REFUSE = "BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END"


def install(table: Table) -> Iterator[str]:
    yield from _triggers(table).values()


def remove(table: str) -> Iterator[str]:
    for name in _triggers(Table(table, (), (), ())):
        yield f"DROP TRIGGER IF EXISTS {name}"


def problems(cursor: CursorWrapper, table: Table) -> Iterator[str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = %s", [table.name])
    installed = dict(cursor.fetchall())
    expected = _triggers(table)
    for name in sorted(installed.keys() | expected.keys()):
        if name not in installed:
            yield f"The trigger {name} of {table.name} is missing."
        elif name not in expected:
            yield f"Somebody added the trigger {name} to {table.name}."
        elif installed[name] != expected[name]:
            yield f"The trigger {name} of {table.name} was altered."


def columns(cursor: CursorWrapper, table: str) -> list[str]:
    cursor.execute("SELECT name FROM pragma_table_xinfo(%s)", [table])
    return [name for (name,) in cursor.fetchall()]


def unique_keys(cursor: CursorWrapper, table: str) -> list[list[str]]:
    # Asked of SQLite itself: Django reads the table's own SQL, and /healthz would wait for that.
    found: dict[str, list[str]] = {}
    cursor.execute(_UNIQUE, [table, table])
    for key, column in cursor.fetchall():
        found.setdefault(key, []).append(column or "an expression")
    return list(found.values())


def _triggers(guarded: Table) -> dict[str, str]:
    # A trigger takes no parameters; Guard has checked that the names are plain.
    table = guarded.name
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {_same(key)})" for key in guarded.keys)  # noqa: S608
    unless = f"WHEN NOT ({_sealed_anew(guarded)}) " if guarded.sealed else ""
    until = f"WHEN NOT {_is_over(guarded.ending)} " if guarded.ending else ""
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {unless}"
        + _REFUSE.format(table=table, verb="UPDATE"),
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {until}"
        + _REFUSE.format(table=table, verb="DELETE"),
        f"{table}_no_replace": f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        + _REFUSE.format(table=table, verb="REPLACE"),
    }


def _same(key: Key) -> str:
    return " AND ".join(f"{column} = NEW.{column}" for column in key)


def _is_over(ending: Ending) -> str:
    owner = f"OLD.{ending.column}"
    if ending.through:
        reference, between = ending.through
        owner = f"(SELECT {ending.column} FROM {between} WHERE id = OLD.{reference})"  # noqa: S608
    return f"EXISTS (SELECT 1 FROM {ending.table} WHERE {ending.column} = {owner})"  # noqa: S608


def _sealed_anew(table: Table) -> str:
    # The row's own number too: who could change it, could have REPLACE take the row away.
    unchanged = [f"NEW.{column} IS OLD.{column}" for column in ("rowid", *table.fixed)]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in table.sealed)
    return " AND ".join([*unchanged, *map(_same_or_later, table.sealed), f"({changed})"])


def _same_or_later(column: str) -> str:
    # Bytes 3 to 6 of a sealed text name its generation, big-endian; the first one is the format.
    new, old = (f"{row}.{column}" for row in ("NEW", "OLD"))
    later = f"hex(substr({new}, 3, 4)) > hex(substr({old}, 3, 4))"
    blobs = f"typeof({new}) = 'blob' AND typeof({old}) = 'blob' AND length({new}) > 6"
    return f"({new} IS {old} OR ({blobs} AND substr({new}, 1, 1) = x'01' AND {later}))"


# A primary key that is the row's own number has no index.
_UNIQUE = """
SELECT '', name FROM pragma_table_info(%s) WHERE pk > 0
UNION ALL
SELECT key.name, part.name FROM pragma_index_list(%s) key, pragma_index_info(key.name) part WHERE key."unique"
"""
