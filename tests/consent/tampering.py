"""What somebody who owns the database does to rows that only ever grow: the guard taken down first."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from audit.guards import Guard
from tests.audit.sql import run


def alter(rows: QuerySet[Any], **columns: object) -> None:
    """Write other values into stored rows."""
    # PostgreSQL lets nobody alter a table with checks outstanding.
    connection.check_constraints()
    run(*Guard(rows.model._meta.db_table, (("id",),)).remove_statements(connection))
    assert rows.update(**columns)
