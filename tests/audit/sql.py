"""What somebody with every right on the database might type, as statements of each database."""

from typing import Any

from django.db import connection


def run(*statements: str, params: list[Any] | None = None) -> None:
    """Run statements as they are, past every model."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, params)


def rows_of(table: str) -> list[tuple[Any, ...]]:
    """Read a whole table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
        return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in cursor]


def plant(table: str, *, swallow: bool = False, body: str = "") -> None:
    """Put a trigger on a table that swallows each new row, or puts another body into it."""
    if connection.vendor == "sqlite":
        run(f"CREATE TRIGGER planted BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")
        return
    answer = "RETURN NULL;" if swallow else f"NEW.body = '{body}'; RETURN NEW;"
    run(
        f"CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {answer} END$$",
        f"CREATE TRIGGER planted BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION planted()",
    )
