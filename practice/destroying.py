"""Destruction without anybody there: what was decided, and what the database still keeps of it in its files."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from audit.actors import System
from clients.services.destroying import carry_out_due

if TYPE_CHECKING:
    from clients.models.retention import Tombstone


def destroy_due(*, at: datetime) -> "list[Tombstone]":
    """Carry out what is due, and let the database wipe the rows out of its files too.

    SQLite overwrites what it deletes, and empties its log when the last connection closes. PostgreSQL keeps a deleted
    row until it vacuums.
    """
    destroyed = carry_out_due(by=System(), at=at)
    if destroyed and connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
    return destroyed
