"""Past notes, written before and elsewhere: all of them come in, or none, and whoever brings them signs for that."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.timezone import localdate, make_aware

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.actors import Named
from audit.acts import Act, Ground, Purpose
from audit.entries import Basis, SealedDetail
from audit.services import record
from audit.words import IMPORT
from clients.services.finding import NoSuchClient, clients_of
from clients.services.parting import look_at_each, part_handles
from clients.services.vaults import record_vaults
from keys.errors import KeysError, NoVault
from keys.prepared import insert_all
from keys.services import OpenVault, Trust, VaultKind, open_vaults, require_open
from notes.kinds import NoteKind
from notes.models import Note
from notes.published import IMPORTED
from notes.services.bodies import Fields, open_signed, seal_and_sign_together
from notes.services.finding import notes_of

if TYPE_CHECKING:
    from clients.models import Client

# Of a past note only the day is known; at noon it is the same day in every zone where a practice could be.
_HOUR = time(12)
Mark = bytes


class AlreadyImported(Refusal):
    """The form was sent before: its notes are here."""

    act = Act.NOTE_REFUSED
    message = "These notes were brought in already. Nothing was brought in twice."


class NotTheirOwn(NoSuchClient):
    """Somebody among them is in this person's care no more, or never was."""

    message = "Not all of these clients are in your care any more. No note was brought in; please look again."


@dataclass(frozen=True, repr=False)
class PastNote:
    """One note from elsewhere.

    :param client_id: whom it is about
    :param written_by: who wrote it, as far as that is known
    :param source: the file that it stood in
    """

    client_id: UUID
    day: date
    text: str
    written_by: str
    source: str

    @property
    def mark(self) -> Mark:
        """Tell it from other notes about the same client: by its day and text, whatever its file was called."""
        return _mark(self.day, self.text)

    @property
    def fields(self) -> Fields:
        return {"text": self.text, "written_by": self.written_by, "source": self.source}


@dataclass(frozen=True, repr=False)
class Haul:
    """What is brought in together.

    :param form: one filled-in form, sent once
    :param confirmed: by client, the colleagues whose names were on the page, where this makes the record
    """

    notes: Sequence[PastNote]
    form: UUID
    confirmed: Mapping[UUID, Collection[UUID]] = field(default_factory=dict)


@service
@transaction.atomic(durable=True)
def import_notes(*, by: Actor, haul: Haul, at: datetime) -> list[Note]:
    """Bring past notes into the records of clients in one's own care. Nobody is told, and nothing alarms.

    :returns: the notes, in the order of the haul
    :raises NotTheirOwn, AlreadyImported: see there
    :raises ReadersNotConfirmed: this makes a record, and its readers were not shown
    :raises NoGrant, KeyRefused: this person waits for the key of a record, or it is not one we can vouch for
    """
    clients = _lock(by, {note.client_id for note in haul.notes})
    first = uuid5(haul.form, "0")
    # Whoever brings something into the same records waits above, so that the same form, sent twice, meets itself here.
    if Note.objects.filter(pk=first).exists():
        raise AlreadyImported(Named("notes.note", first))
    vaults = record_vaults(by=by, clients=clients, confirmed=haul.confirmed, at=at)
    notes = [_note(by, uuid5(haul.form, str(number)), past, at) for number, past in enumerate(haul.notes)]
    whole = [(vaults[past.client_id], note, past.fields) for note, past in zip(notes, haul.notes, strict=True)]
    root = seal_and_sign_together(whole, keyring=require_open(by.keys))
    insert_all(notes)
    _record(by, clients, haul, root, at)
    return notes


def known_marks(*, by: Actor, clients: "Iterable[Client]", at: datetime) -> dict[UUID, set[Mark]]:
    """Record the look, then open what was brought in before, to say by client what is here already.

    Where nothing was, there is no look. What does not open is not counted as being here.
    """
    notes = list(notes_of(by).filter(kind=NoteKind.IMPORTED, client__in=list(clients)))
    receipts = look_at_each(
        Act.NOTE_COMPARED, by=by, clients={note.client for note in notes}, purpose=Purpose.TREATMENT, at=at
    )
    vaults = open_vaults(by=by.keys, kind=VaultKind.RECORD, subjects=list(receipts))
    keyring = require_open(by.keys)
    trust, known = Trust(keyring.root_id), {subject: set[Mark]() for subject in receipts}
    for note in notes:
        vault = vaults[note.client_id]
        if isinstance(vault, OpenVault):
            try:
                fields = open_signed(vault, note, receipt=receipts[note.client_id], keyring=keyring, trust=trust)
            except KeysError:
                continue
            known[note.client_id].add(_mark(localdate(note.session_at), fields["text"]))
    return known


def waiting_for_key(*, by: Actor, client_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Say of each record whether this person can write in it: True where it still has to be made, False where it opens.

    Those whose key this person waits for, or that is not one we can vouch for, are not among them.
    """
    vaults = open_vaults(by=by.keys, kind=VaultKind.RECORD, subjects=list(client_ids))
    return {
        subject: isinstance(vault, NoVault)
        for subject, vault in vaults.items()
        if isinstance(vault, OpenVault | NoVault)
    }


def _lock(by: Actor, client_ids: set[UUID]) -> "list[Client]":
    theirs = clients_of(by).filter(pk__in=client_ids).select_for_update().order_by("pk")
    clients = list(theirs) if by.role == Role.THERAPIST else []
    if {client.pk for client in clients} != client_ids:
        raise NotTheirOwn
    return clients


def _note(by: Actor, note_id: UUID, past: PastNote, at: datetime) -> Note:
    return Note(
        id=note_id,
        client_id=past.client_id,
        author=by.user,
        kind=NoteKind.IMPORTED.value,
        format=IMPORTED.name,
        session_at=make_aware(datetime.combine(past.day, _HOUR)),
        revision=1,
        written_at=at,
        signed_at=at,
    )


def _record(by: Actor, clients: "Iterable[Client]", haul: Haul, root: bytes, at: datetime) -> None:
    """Write one entry, with the number of notes; one more for every 200 clients, and for those kept from managers."""
    counts = Counter(past.client_id for past in haul.notes)
    by_handle = {client.audit_handle: counts[client.pk] for client in clients}
    for handles in part_handles(clients):
        record(
            Act.NOTE_IMPORTED,
            by=by,
            target=Named(IMPORT, haul.form),
            at=at,
            subjects=handles,
            purpose=Purpose.TREATMENT,
            basis=Basis(Ground.IMPORTED, haul.form),
            enc=SealedDetail("record", root),
            fields=[f"notes_{sum(by_handle[handle] for handle in handles)}"],
        )


def _mark(day: date, text: str) -> Mark:
    return hashlib.sha256(f"{day.isoformat()}\n{text}".encode()).digest()
