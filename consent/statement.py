"""Stored rows as bytes that can be signed, so that a row which somebody else wrote is told apart."""

import json
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model


def columns_of(row: Model, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Return every column of a row by its name, a later one too; keys to other rows are their ids."""
    fields = [field for field in row._meta.concrete_fields if field.name not in without]
    return {field.attname: getattr(row, field.attname) for field in fields}


def write_statement(facts: dict[str, Any]) -> bytes:
    """Write columns as one JSON text: keys sorted, no spaces, ASCII, moments in UTC with microseconds."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case _:
            return str(value)
