"""Drafts, notes and addenda as the database keeps them, for whoever opens thousands at once.

A model, or only its columns as Python's types, costs as much for each text as opening it does. What a seal binds is
bytes, so the columns are brought into these bytes without the way round.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import ExpressionWrapper, F, QuerySet, TextField

from keys.context import Field, raw_of
from notes.kinds import NoteKind
from notes.models import Addendum, Draft, Note, Written
from notes.sealed import ADDENDUM, DRAFT, NOTE, bind_later

AnyWritten = TypeVar("AnyWritten", bound=Written)
# In the order of `notes.sealed`, which a test holds them to.
_IDS = ("id", "client_id", "author_id")
_BASES = ("consent_basis_id", "consent_override_id")
_MOMENTS = ("written_at", "signed_at")
_WHERE_ADDED = ("note_id", "number", "reason")


class Row(NamedTuple):
    """A sealed text with what it is bound to.

    :param first_hash: the SHA-256 (hex) of its first ciphertext; drafts keep none
    """

    id: bytes
    client: bytes
    is_process: bool
    format: str
    sealed: bytes
    bound_to: tuple[Field, ...]
    first_hash: str


def rows_of_notes(notes: QuerySet[Note]) -> Iterator[Row]:
    """Read notes in the order of the query."""
    for row in _read(notes, *_MOMENTS, "ciphertext_sha256"):
        *bound, written_at, signed_at, first_hash, place, sealed = row
        further = (_moment(written_at), _moment(signed_at), *bind_later(place))
        yield _row(NOTE, bound, sealed, first_hash, *further)


def rows_of_addenda(addenda: QuerySet[Addendum]) -> Iterator[Row]:
    """Read addenda in the order of the query."""
    for row in _read(addenda, *_MOMENTS, *_WHERE_ADDED, "ciphertext_sha256"):
        *bound, written_at, signed_at, note, number, reason, first_hash, place, sealed = row
        further = (_moment(written_at), _moment(signed_at), _id(note), _code(number), _code(reason))
        yield _row(ADDENDUM, bound, sealed, first_hash, *further, *bind_later(place))


def rows_of_drafts(drafts: QuerySet[Draft]) -> Iterator[Row]:
    """Read drafts in the order of the query."""
    for row in _read(drafts, "amends_id"):
        *bound, amends, place, sealed = row
        yield _row(DRAFT, bound, sealed, "", *((_id(amends),) if amends else ()), *bind_later(place))


def _read(written: "QuerySet[AnyWritten]", *further: str) -> Iterator[tuple[Any, ...]]:
    columns = (*_IDS, "kind", "format", "session_at", "minutes", "revision", *_BASES, *further, "place", "sealed_body")
    # Called text, a column comes as the database has it: nothing is converted.
    unconverted = {f"raw_{name}": ExpressionWrapper(F(name), output_field=TextField()) for name in columns}
    yield from written.select_related(None).annotate(**unconverted).values_list(*unconverted).iterator(chunk_size=500)


def _row(purpose: str, bound: list[Any], sealed: Any, first_hash: str, *further: Field) -> Row:
    own, client, author, kind, format_, session_at, minutes, revision, basis, override = bound
    own, client = _id(own), _id(client)
    facts: tuple[Field, ...] = (
        _id(author),
        _code(kind),
        _code(format_),
        _moment(session_at),
        _code(minutes),
        _code(revision),
        _id(basis),
        _id(override),
    )
    bound_to = (purpose, own, client, *facts, *further)
    return Row(own, client, kind == NoteKind.PROCESS, format_, bytes(sealed), bound_to, first_hash)


# Kinds, formats, people and small numbers come again and again; nothing of a text is ever one of them.
@lru_cache(maxsize=4096)
def _code(value: Field) -> bytes:
    return raw_of(value)


@lru_cache(maxsize=4096)
def _id(stored: Any) -> bytes:
    if stored is None:
        return b""
    return stored.bytes if isinstance(stored, UUID) else bytes.fromhex(stored)


def _moment(stored: datetime) -> bytes:
    if stored.tzinfo is not None:
        return raw_of(stored)
    # SQLite has no time zones, and Django keeps UTC there.
    return f"{stored.isoformat(timespec='microseconds')}+00:00".encode("ascii")
