"""Drafts, notes and addenda as the database keeps them, for whoever opens thousands at once."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from keys.columns import REGISTER
from keys.stored import Stored, raw_id, read_stored
from notes.kinds import NoteKind
from notes.models import Addendum, Draft, Note


class Row(NamedTuple):
    """A sealed text and whose it is; ids as bytes."""

    id: bytes
    client: bytes
    is_process: bool
    format: str
    text: Stored

    @property
    def is_signed(self) -> bool:
        return bool(self.text.first_hash)


def rows_of_notes(notes: QuerySet[Note]) -> Iterator[Row]:
    """Read notes in the order of the query."""
    return _read("notes.note", notes)


def rows_of_addenda(addenda: QuerySet[Addendum]) -> Iterator[Row]:
    """Read addenda in the order of the query."""
    return _read("notes.addendum", addenda)


def rows_of_drafts(drafts: QuerySet[Draft]) -> Iterator[Row]:
    """Read drafts in the order of the query."""
    return _read("notes.draft", drafts)


def _read(model: str, written: QuerySet[Draft] | QuerySet[Note] | QuerySet[Addendum]) -> Iterator[Row]:
    column = REGISTER[model, "sealed_body"]
    for text in read_stored(column, written.select_related(None), "client_id", "kind", "format"):
        client, kind, format_ = text.also
        yield Row(raw_id(text.key), raw_id(client), kind == NoteKind.PROCESS, format_, text)
