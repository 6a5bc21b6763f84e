"""Notes as a custodian reads them once their release gave the keys. Nothing is ever written here."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from access.acting import Actor, service
from audit.actors import Named
from audit.acts import Act, Ground, Purpose
from audit.entries import Basis
from audit.services import record_look
from clients.services.contacts import label_of
from clients.services.custody import find_handed, handed_to
from notes.kinds import NoteKind
from notes.models import Note
from notes.services.finding import NoSuchNote, in_list
from notes.services.reading import OpenNote, open_note

if TYPE_CHECKING:
    from clients.models.custody import Handed

# Whoever winds a practice up treats nobody by that.
_WHY = Purpose.OPERATIONS


@dataclass(frozen=True)
class HandedNotes:
    """A client whom a release gave, and what was signed about them, newest session first. No text is open."""

    handed: "Handed"
    label: str
    notes: list[Note]


def browse_handed_notes(*, by: Actor, client_id: UUID, at: datetime) -> HandedNotes:
    """Record the look, then list the notes about a client.

    :raises NoSuchClient: no release gave this client's notes to this person
    """
    handed = find_handed(by=by, client_id=client_id)
    basis = Basis(Ground.CUSTODY, handed.release_id)
    receipt = record_look(Act.NOTE_LISTED, by=by, target=handed.client, purpose=_WHY, basis=basis, at=at)
    notes = in_list(_notes_of(by).filter(client=handed.client))
    label = label_of(by=by, client=handed.client, receipt=receipt)
    return HandedNotes(handed, label, notes)


@service
def read_handed_note(*, by: Actor, note_id: UUID, at: datetime) -> OpenNote:
    """Record the look, then open a note.

    :raises NoSuchNote: about nobody whose notes a release gave, a process note, or none
    :raises SealBroken, KeyRefused: see :func:`notes.services.reading.read_note`
    """
    note = _notes_of(by).filter(pk=note_id, withdrawal=None).first()
    if note is None:
        raise NoSuchNote(Named("notes.note", note_id))
    handed = find_handed(by=by, client_id=note.client_id)
    basis = Basis(Ground.CUSTODY, handed.release_id)
    receipt = record_look(Act.NOTE_READ, by=by, target=note, purpose=_WHY, basis=basis, at=at)
    return open_note(by=by, note=note, receipt=receipt)


def _notes_of(by: Actor) -> QuerySet[Note]:
    notes = Note.objects.filter(client__in=handed_to(by)).exclude(kind=NoteKind.PROCESS)
    return notes.select_related("client", "author", "withdrawal")
