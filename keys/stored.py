"""Sealed texts as the database keeps them, for whoever opens or seals thousands at once.

A model, or only its columns as Python's types, costs as much for each text as opening it does. What a seal binds is
bytes, so the columns are brought into these bytes without the way round.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import F, Func, QuerySet, TextField

from keys.columns import Later, SealedColumn
from keys.context import encode_fields

_WHOLE_SECOND = len("2026-03-01 14:02:11")
_MOMENT = len("2026-03-01T14:02:11.123456+00:00").to_bytes(4, "big")
# Columns that stand before those that a text is bound to.
_BEFORE = 3
# Texts that are read at once: the first one shall not wait for all.
_AT_ONCE = 500


class Stored(NamedTuple):
    """One row's text.

    :param key: the row's own, as the database keeps it
    :param fields: what the text is bound to behind its purpose, encoded
    :param first_hash: SHA-256 (hex) of the first ciphertext, for rows that keep it
    :param also: what else was asked for, as the database keeps it
    """

    key: Any
    sealed: bytes
    purpose: str
    fields: bytes
    first_hash: str
    also: tuple[Any, ...] = ()


def read_stored(column: SealedColumn, rows: QuerySet[Any], *also: str) -> Iterator[Stored]:
    """Read what these rows hold in a column that a vault opens, and what each text is bound to.

    :param also: further columns
    """
    texts = column.texts
    assert texts is not None  # noqa: S101 (only such a column has rows of a vault)
    purpose, has_hash = column.purpose, bool(texts.first_hash)
    encoders = [_encoder(rows.model, one) for one in texts.bound_to]
    bound_to = [one.column if isinstance(one, Later) else one for one in texts.bound_to]
    names = ("pk", column.column, texts.first_hash or "pk", *bound_to, *also)
    columns = [_as_stored(rows.model, name) for name in names]
    bound = _BEFORE + len(encoders)
    for row in rows.values_list(*columns).iterator(chunk_size=_AT_ONCE):
        key, sealed, first_hash = row[:_BEFORE]
        fields = b"".join([encode(value) for encode, value in zip(encoders, row[_BEFORE:], strict=False)])
        yield Stored(key, bytes(sealed), purpose, fields, first_hash if has_hash else "", row[bound:])


def raw_id(stored: Any) -> bytes:
    """Give the bytes of an id; SQLite keeps it as hex digits."""
    return stored.bytes if isinstance(stored, UUID) else bytes.fromhex(stored)


def _as_stored(model: type[models.Model], name: str) -> str | Func:
    column, path = _column(model, name), name.replace(".", "__")
    if isinstance(column, models.DateTimeField):
        return _AsText(F(path))
    return _AsStored(F(path)) if isinstance(column, models.UUIDField) else path


class _AsStored(Func):
    """A column as the database keeps it: called text, Django converts nothing; with a sign, nor does SQLite."""

    template = "%(expressions)s"
    arity = 1
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)


class _AsText(_AsStored):
    """A moment as SQLite keeps it, which PostgreSQL writes faster than its driver makes a moment of it."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self.as_sql(compiler, connection, template=template, **extra)


def _encoder(model: type[models.Model], name: str | Later) -> Callable[[Any], bytes]:
    if isinstance(name, Later):
        return _encoder_of_later(model, name)
    column = _column(model, name)
    if isinstance(column, models.DateTimeField):
        return _encode_moment
    encode = _encode_id if isinstance(column, models.UUIDField) else encode_fields
    # People, kinds and small numbers come again and again; the row's own id does not.
    return encode if column.primary_key and column.model is model else lru_cache(maxsize=1024)(encode)


def _encoder_of_later(model: type[models.Model], later: Later) -> Callable[[Any], bytes]:
    name, encode = encode_fields(later.column) if later.named else b"", _encoder(model, later.column)
    return lambda value: name + encode(value) if later.says(value) else b""


def _column(model: type[models.Model], name: str) -> Any:
    *hanging, last = name.split(".")
    for step in hanging:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]  # a foreign key
    column = model._meta.pk if last == "pk" else model._meta.get_field(last)
    while isinstance(column, models.ForeignKey):
        column = column.target_field
    return column


def _encode_id(stored: Any) -> bytes:
    return encode_fields(stored if stored is None else raw_id(stored))


def _encode_moment(stored: str | None) -> bytes:
    # In UTC; SQLite leaves out microseconds where there are none.
    if stored is None:
        return encode_fields(None)
    fraction = "" if len(stored) > _WHOLE_SECOND else ".000000"
    return _MOMENT + f"{stored[:10]}T{stored[11:]}{fraction}+00:00".encode("ascii")
