"""PostgreSQL's guard: a refusing function, and two triggers that fire even for replication roles.

Each table has a function of its own, so that a migration taken back leaves nothing of it behind
and nobody else without a guard.
"""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

Key = tuple[str, ...]

_BODY = """
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
"""

# Bits of pg_trigger.tgtype (PostgreSQL: src/include/catalog/pg_trigger.h):
# 1 for each row, 2 before, 8 delete, 16 update, 32 truncate.
_TRIGGERS = {"append_only": 1 + 2 + 8 + 16, "no_truncate": 2 + 32}


# `keys` is SQLite's need: here an upsert is an UPDATE, and refused as one.
def install(table: str, keys: tuple[Key, ...]) -> Iterator[str]:  # noqa: ARG001
    function = f"{table}_append_only"
    yield (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog AS $${_BODY}$$"
    )
    yield (f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    yield (f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()")
    for trigger in _TRIGGERS:
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"


def remove(table: str) -> Iterator[str]:
    for trigger in _TRIGGERS:
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
    yield f"DROP FUNCTION IF EXISTS {table}_append_only()"


def problems(cursor: CursorWrapper, table: str, keys: tuple[Key, ...]) -> Iterator[str]:  # noqa: ARG001
    cursor.execute(_INSTALLED, [table])
    installed = {name: tuple(state) for name, *state in cursor.fetchall()}
    for name in sorted(installed.keys() | _TRIGGERS.keys()):
        if name not in installed:
            yield f"The trigger {name} of {table} is missing."
        elif name not in _TRIGGERS:
            yield f"Somebody added the trigger {name} to {table}."
        elif installed[name] != (_TRIGGERS[name], "A", True, f"{table}_append_only", _BODY):
            yield f"The trigger {name} of {table} was altered or switched off."
    cursor.execute("SELECT rulename FROM pg_rules WHERE tablename = %s", [table])
    for (name,) in cursor.fetchall():
        yield f"Somebody added the rule {name} to {table}."


# A WHEN clause or a column list would leave a trigger in place and make it blind.
_INSTALLED = """
SELECT t.tgname, t.tgtype, t.tgenabled, t.tgqual IS NULL AND t.tgattr::text = '', p.proname, p.prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal
"""
