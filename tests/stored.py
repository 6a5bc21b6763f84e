"""Texts read as the database keeps them, beside the same ones read as rows."""

from keys.columns import columns_of_vault
from keys.context import encode_fields
from keys.services import Place
from keys.stored import read_stored


def require_bound_alike(place: Place) -> int:
    """Assert that each text at a place is bound to the same bytes, whichever way it is read, and count them."""
    compared = 0
    for column in columns_of_vault(place.kind):
        rows = column.rows_at(place).order_by("pk")
        alone = [(bytes(getattr(row, column.column)), *column.bind(row)) for row in rows]
        among = [(text.sealed, text.purpose, text.fields) for text in read_stored(column, rows)]
        assert among == [(sealed, purpose, encode_fields(*fields)) for sealed, purpose, *fields in alone]
        compared += len(among)
    return compared
