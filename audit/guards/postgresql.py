"""PostgreSQL's guard: a refusing function, and two triggers that fire even for replication roles.

Each table has a function of its own, so that a migration taken back leaves nothing of it behind
and nobody else without a guard.
"""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

from audit.guards.tables import Ending, Table

_BODY = """{declare}
BEGIN{unless}{until}
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
"""
_UNLESS = """
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - ARRAY[{names}] = to_jsonb(OLD) - ARRAY[{names}] AND {anew} THEN
            RETURN NEW;
        END IF;
    END IF;"""
# By the schema of the guarded table: whatever search path somebody sets, it is this very register that is asked.
_UNTIL = """
    IF TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.{table} WHERE {column} = {owner})', {schemas})
            INTO is_over USING OLD;
        IF is_over THEN
            RETURN OLD;
        END IF;
    END IF;"""

# Bits of pg_trigger.tgtype (PostgreSQL: src/include/catalog/pg_trigger.h):
# 1 for each row, 2 before, 8 delete, 16 update, 32 truncate.
_TRIGGERS = {"append_only": 1 + 2 + 8 + 16, "no_truncate": 2 + 32}


# The unique keys are SQLite's need: here an upsert is an UPDATE, and refused as one.
def install(guarded: Table) -> Iterator[str]:
    table, function = guarded.name, f"{guarded.name}_append_only"
    yield (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog AS $${_body(guarded)}$$"
    )
    yield (f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    yield (f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()")
    for trigger in _TRIGGERS:
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"


def remove(table: str) -> Iterator[str]:
    for trigger in _TRIGGERS:
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
    yield f"DROP FUNCTION IF EXISTS {table}_append_only()"


def problems(cursor: CursorWrapper, guarded: Table) -> Iterator[str]:
    table, body = guarded.name, _body(guarded)
    cursor.execute(_INSTALLED, [table])
    installed = {name: tuple(state) for name, *state in cursor.fetchall()}
    for name in sorted(installed.keys() | _TRIGGERS.keys()):
        if name not in installed:
            yield f"The trigger {name} of {table} is missing."
        elif name not in _TRIGGERS:
            yield f"Somebody added the trigger {name} to {table}."
        elif installed[name] != (_TRIGGERS[name], "A", True, f"{table}_append_only", body):
            yield f"The trigger {name} of {table} was altered or switched off."
    cursor.execute("SELECT rulename FROM pg_rules WHERE tablename = %s", [table])
    for (name,) in cursor.fetchall():
        yield f"Somebody added the rule {name} to {table}."


def columns(cursor: CursorWrapper, table: str) -> list[str]:
    cursor.execute(_COLUMNS, [table])
    return [name for (name,) in cursor.fetchall()]


def unique_keys(cursor: CursorWrapper, table: str) -> list[list[str]]:
    cursor.execute(_UNIQUE, [table])
    return [names for (names,) in cursor.fetchall()]


def _body(table: Table) -> str:
    unless = _unless(table) if table.sealed else ""
    declare, until = ("\nDECLARE is_over boolean;", _until(table.ending)) if table.ending else ("", "")
    return _BODY.format(declare=declare, unless=unless, until=until)


def _unless(table: Table) -> str:
    names = ", ".join(f"'{column}'" for column in table.sealed)
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in table.sealed)
    anew = " AND ".join([*map(_same_or_later, table.sealed), f"({changed})"])
    return _UNLESS.format(names=names, anew=anew)


def _until(ending: Ending) -> str:
    owner, schemas = f"($1).{ending.column}", "TG_TABLE_SCHEMA"
    if ending.through:
        reference, between = ending.through
        owner = f"(SELECT {ending.column} FROM %I.{between} WHERE id = ($1).{reference})"  # noqa: S608
        schemas = "TG_TABLE_SCHEMA, TG_TABLE_SCHEMA"
    return _UNTIL.format(table=ending.table, column=ending.column, owner=owner, schemas=schemas)


def _same_or_later(column: str) -> str:
    # Bytes 3 to 6 of a sealed text name its generation, big-endian; the first one is the format.
    new, old = (f"{row}.{column}" for row in ("NEW", "OLD"))
    later = f"substring({new} FROM 3 FOR 4) > substring({old} FROM 3 FOR 4)"
    anew = f"length({new}) > 6 AND get_byte({new}, 0) = 1 AND {later}"
    return f"({new} IS NOT DISTINCT FROM {old} OR coalesce({anew}, false))"


# A WHEN clause or a column list would leave a trigger in place and make it blind.
_INSTALLED = """
SELECT t.tgname, t.tgtype, t.tgenabled, t.tgqual IS NULL AND t.tgattr::text = '', p.proname, p.prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal
"""

_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"

_UNIQUE = """
SELECT array_agg(coalesce(a.attname, 'an expression')::text ORDER BY k.place)
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid
"""
