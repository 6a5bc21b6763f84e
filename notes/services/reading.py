"""Reading a signed note, and listing what there is without opening anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor, service
from audit.acts import Act, Purpose
from audit.services import Receipt, record_look
from clients.services.covers import is_reachable
from keys.services import Trust, require_open
from notes.formats import Format, Section
from notes.models import Addendum, Note, Signed
from notes.models.cosigning import Cosignature
from notes.services.bodies import AnySigned, Fields, unseal_addenda, unseal_note
from notes.services.cosigned import believe_cosignatures
from notes.services.finding import could_be_cosigned, find_note, in_list, notes_of, stubs_and_notes_of
from notes.services.formatting import find_format

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True, repr=False)
class OpenAddendum:
    """An addendum with its text."""

    addendum: Addendum
    fields: Fields
    cosignature: Cosignature | None = None

    @property
    def sections(self) -> list[tuple[Section, str]]:
        """Each section that holds something, with the words a reader sees."""
        return _shown(self.addendum, self.fields)


@dataclass(frozen=True, repr=False)
class OpenNote:
    """A note with its text, after the look was recorded, and what was added to it since."""

    note: Note
    fields: Fields
    receipt: Receipt
    addenda: list[OpenAddendum]
    cosignature: Cosignature | None = None

    @property
    def format(self) -> Format:
        return find_format(self.note.format)

    @property
    def sections(self) -> list[tuple[Section, str]]:
        """Each section that holds something, with the words a reader sees."""
        return _shown(self.note, self.fields)


@service
def read_note(*, by: Actor, note_id: UUID, at: datetime) -> OpenNote:
    """Record the look, then open a note and what was added to it.

    Whoever keeps a record since its therapy ended treats nobody by reading in it.

    :raises NoSuchNote: of nobody in their care, somebody else's process note, or none
    :raises SealBroken: its text or an addendum was altered, or moved here, or an addendum is gone
    :raises KeyRefused: its author did not sign this text
    """
    note = find_note(by=by, note_id=note_id)
    why = Purpose.TREATMENT if is_reachable(by=by, client=note.client) else Purpose.OPERATIONS
    receipt = record_look(Act.NOTE_READ, by=by, target=note, purpose=why, at=at)
    return open_note(by=by, note=note, receipt=receipt)


def open_note(*, by: Actor, note: Note, receipt: Receipt) -> OpenNote:
    """Open a note and what was added to it, under the look at it.

    :raises SealBroken, KeyRefused: see :func:`read_note`
    """
    fields = unseal_note(by=by, note=note, receipt=receipt)
    addenda = unseal_addenda(by=by, note=note, receipt=receipt)
    cosigned = _cosignatures(by, [note, *(row for row, _ in addenda)]) if could_be_cosigned(note) else {}
    opened = [OpenAddendum(row, added, cosigned.get(row.pk)) for row, added in addenda]
    return OpenNote(note, fields, receipt, opened, cosigned.get(note.pk))


def browse_notes(*, by: Actor, client: "Client", at: datetime) -> list[Note]:
    """Record the look, then list the notes about a client, newest session first: dates, kinds, authors, no text."""
    record_look(Act.NOTE_LISTED, by=by, target=client, purpose=Purpose.TREATMENT, at=at)
    return in_list(stubs_and_notes_of(by, client))


def last_note(*, by: Actor, client: "Client", before: datetime) -> Note | None:
    """Find the note on the session before a moment."""
    notes = notes_of(by, client).filter(session_at__lt=before).defer("sealed_body", "signature")
    return notes.order_by("-session_at").first()


def _cosignatures(by: Actor, texts: "list[AnySigned]") -> Mapping[UUID, Cosignature]:
    keyring = require_open(by.keys)
    return believe_cosignatures(texts, keyring=keyring, trust=Trust(keyring.root_id))


def _shown(row: Signed, fields: Fields) -> list[tuple[Section, str]]:
    sections = find_format(row.format).sections
    return [(part, part.shown(fields[part.name])) for part in sections if fields.get(part.name)]
