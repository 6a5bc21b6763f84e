"""A supervisor reads what a therapist in training signed, and co-signs it or asks for changes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from access.acting import Actor, Refusal, service
from audit.actors import Named
from audit.acts import Act, Purpose
from audit.entries import SealedDetail
from audit.services import Receipt, record, record_look
from clients.services.contacts import label_of
from clients.services.supervised import (
    basis_of_supervision,
    find_supervised,
    no_such_supervised,
    supervised_by,
    supervisions_by,
)
from keys.context import encode
from keys.services import Place, VaultKind, open_vault, require_open
from notes.kinds import NoteKind
from notes.models import Addendum, Note
from notes.models.cosigning import Cosignature, Wish
from notes.sealed import bind_wish
from notes.services.bodies import AnySigned
from notes.services.cosigned import Cosigning, CosignState, cosign, cosignings_of
from notes.services.finding import NoSuchNote, could_be_cosigned, in_list, notes_of
from notes.services.reading import OpenNote, open_note

if TYPE_CHECKING:
    from clients.models.training import Supervised

# Whoever answers for a colleague's work treats nobody by reading it.
_WHY = Purpose.OPERATIONS
LONGEST_WISH = 4000


class ChangedMeanwhile(Refusal):
    """Something was added to the note after the page was shown: it is read before it is co-signed."""

    act = Act.NOTE_REFUSED
    message = "Something was added to this note after you opened it. Please read it as it is now. Nothing was signed."


class NothingWaits(Refusal):
    """It is co-signed already, or nobody has to."""

    act = Act.NOTE_REFUSED
    message = "This note does not wait for your signature. Nothing was saved."


@dataclass(frozen=True, repr=False)
class OpenWish:
    """What a supervisor asked for, open."""

    wish: Wish
    text: str


@dataclass(frozen=True, repr=False)
class ForSupervisor:
    """A note as the supervisor of its author reads it.

    :param label: the client's name
    :param seen: 64 characters that the page carries back: this very note, with these addenda
    """

    opened: OpenNote
    label: str
    seen: str
    supervised: "Supervised"
    cosigning: Cosigning | None
    wishes: list[OpenWish]

    @property
    def waits(self) -> bool:
        """Whether this person's signature is waited for."""
        return self.cosigning is not None and bool(self.cosigning.waiting)


@dataclass(frozen=True, repr=False)
class SupervisedNotes:
    """What a therapist in training signed about one client, newest session first. No text is open."""

    supervised: "Supervised"
    label: str
    notes: list[Note]


def browse_to_cosign(*, by: Actor) -> list[Note]:
    """List the notes that wait for this person's signature, the oldest first. Nothing is opened, nobody is named."""
    cosigned = Cosignature.objects.filter(text_id=OuterRef("pk"))
    added = Addendum.objects.filter(~Exists(cosigned), note=OuterRef("pk"))
    notes = _notes_of(by).filter(~Exists(cosigned) | Exists(added)).defer("sealed_body", "signature")
    rows = list(notes.order_by("signed_at"))
    states = cosignings_of(rows, supervisor=by.user.pk)
    return [note for note in rows if note.pk in states and states[note.pk].state is CosignState.WAITING]


def browse_supervised_notes(*, by: Actor, client_id: UUID, at: datetime) -> SupervisedNotes:
    """Record the look, then list what the therapist in training signed about a client.

    :raises NoSuchClient, SupervisionClosed: nobody whom this person reads about as a supervisor
    """
    supervised = find_supervised(by=by, client_id=client_id)
    basis = basis_of_supervision(supervised)
    receipt = record_look(Act.NOTE_LISTED, by=by, target=supervised.client, purpose=_WHY, basis=basis, at=at)
    notes = with_cosignings(in_list(_notes_of(by).filter(client=client_id)), supervisor=by.user.pk)
    return SupervisedNotes(supervised, label_of(by=by, client=supervised.client, receipt=receipt), notes)


@service
def read_as_supervisor(*, by: Actor, note_id: UUID, at: datetime) -> ForSupervisor:
    """Record the look, then open a note of a therapist in training, what was added to it, and what was asked.

    :raises NoSuchNote, SupervisionClosed: nothing that this person may read as a supervisor
    :raises SealBroken, KeyRefused: see :func:`notes.services.reading.read_note`
    """
    note = _find(by, note_id)
    supervised = find_supervised(by=by, client_id=note.client_id)
    basis = basis_of_supervision(supervised)
    receipt = record_look(Act.NOTE_READ, by=by, target=note, purpose=_WHY, basis=basis, at=at)
    opened = open_note(by=by, note=note, receipt=receipt)
    return ForSupervisor(
        opened=opened,
        label=label_of(by=by, client=note.client, receipt=receipt),
        seen=_mark([note, *(added.addendum for added in opened.addenda)]),
        supervised=supervised,
        cosigning=cosignings_of([note], supervisor=by.user.pk).get(note.pk),
        wishes=open_wishes(by=by, note=note, receipt=receipt),
    )


@service
@transaction.atomic(durable=True)
def cosign_note(*, by: Actor, note_id: UUID, seen: str, at: datetime) -> Note:
    """Sign beside what waits of a note, as it was read. Sent twice, it signs once.

    :param seen: see :class:`ForSupervisor`
    :raises NoSuchNote, SupervisionClosed: see :func:`read_as_supervisor`
    :raises ChangedMeanwhile, NothingWaits: see there
    """
    note, supervised, texts = _lock(by, note_id, seen)
    waiting = _waiting(by, note)
    if not waiting and not note.cosignatures.filter(cosigner=by.user).exists():
        raise NothingWaits(note)
    for row in texts:
        if row.pk in waiting:
            cosign(row, cosigner=by.user.pk, keyring=require_open(by.keys), at=at).save(force_insert=True)
            basis = basis_of_supervision(supervised)
            record(Act.NOTE_COSIGNED, by=by, target=row, purpose=_WHY, basis=basis, at=at)
    return note


@service
@transaction.atomic(durable=True)
def ask_for_changes(*, by: Actor, note_id: UUID, seen: str, text: str, nonce: UUID, at: datetime) -> Wish:
    """Ask the author of a note for changes, which an addendum answers. Sent twice, it asks once.

    :param nonce: the form's own number
    :raises NoSuchNote, SupervisionClosed: see :func:`read_as_supervisor`
    :raises ChangedMeanwhile, NothingWaits: see there
    """
    note, supervised, _ = _lock(by, note_id, seen)
    known = Wish.objects.filter(pk=nonce, note=note, asked_by=by.user).first()
    if known is not None:
        return known
    if not _waiting(by, note):
        raise NothingWaits(note)
    wish = Wish(id=nonce, client=note.client, note=note, asked_by=by.user, asked_at=at)
    vault = open_vault(by=by.keys, place=Place(VaultKind.RECORD, note.client_id))
    wish.sealed_text = vault.seal(text, bound_to=bind_wish(wish))
    wish.save(force_insert=True)
    enc = SealedDetail.of(wish.sealed_text, key_name="record")
    basis = basis_of_supervision(supervised)
    record(Act.NOTE_CHANGES_ASKED, by=by, target=note, purpose=_WHY, basis=basis, enc=enc, at=at)
    return wish


def reads_by_care_alone(*, by: Actor, note_id: UUID) -> bool:
    """Say whether this person may read a note because of care, and not as a supervisor."""
    return notes_of(by).filter(pk=note_id).exclude(pk__in=_notes_of(by).values("pk")).exists()


def open_wishes(*, by: Actor, note: Note, receipt: Receipt) -> list[OpenWish]:
    """Open what supervisors asked for about a note, the oldest first, under the look at it.

    :raises SealBroken: one was altered, or moved here from another note
    """
    receipt.covers(note.pk)
    wishes = list(note.wishes.select_related("asked_by").order_by("asked_at")) if could_be_cosigned(note) else []
    if not wishes:
        return []
    vault = open_vault(by=by.keys, place=Place(VaultKind.RECORD, note.client_id))
    return [
        OpenWish(wish, vault.unseal(wish.sealed_text, bound_to=bind_wish(wish), receipt=receipt)) for wish in wishes
    ]


def with_cosignings(notes: list[Note], *, supervisor: UUID | None = None) -> list[Note]:
    """Tell each note of a list how far it has come with its co-signature (`cosigning`)."""
    found = cosignings_of(notes, supervisor=supervisor)
    for note in notes:
        note.cosigning = found.get(note.pk)
    return notes


def _notes_of(by: Actor) -> QuerySet[Note]:
    """Say which notes this person reads as a supervisor: those that one of theirs signed, or added to."""
    which = Q(pk__in=[])
    for supervision in supervisions_by(by):
        given = supervised_by(by).filter(supervision=supervision).values("client")
        added_to = Addendum.objects.filter(author=supervision.therapist_id).values("note")
        which |= Q(client__in=given) & (Q(author=supervision.therapist_id) | Q(pk__in=added_to))
    notes = Note.objects.filter(which, withdrawal=None).exclude(kind=NoteKind.PROCESS)
    return notes.select_related("client", "author", "withdrawal", "consent_basis")


def _waiting(by: Actor, note: Note) -> frozenset[UUID]:
    """Say which texts of a note wait for this person's signature, and nobody else's."""
    cosigning = cosignings_of([note], supervisor=by.user.pk).get(note.pk)
    return cosigning.waiting if cosigning else frozenset()


def _find(by: Actor, note_id: UUID) -> Note:
    note = _notes_of(by).filter(pk=note_id).first()
    if note is None:
        client_id = Note.objects.exclude(kind=NoteKind.PROCESS).filter(pk=note_id).values_list("client", flat=True)
        refused = no_such_supervised(by=by, client_id=client_id.first(), asked=Named("notes.note", note_id))
        raise refused
    return note


def _lock(by: Actor, note_id: UUID, seen: str) -> "tuple[Note, Supervised, list[AnySigned]]":
    """Find a note as it was read, to which nothing is added until the caller's transaction is over."""
    found = _find(by, note_id)
    note = Note.objects.select_for_update(of=("self",)).select_related("client", "author").get(pk=found.pk)
    if note.is_withdrawn:
        raise NoSuchNote(Named("notes.note", note_id))
    texts: list[AnySigned] = [note, *note.addenda.select_related("note", "author", "client").order_by("number")]
    if _mark(texts) != seen:
        raise ChangedMeanwhile(note)
    return note, find_supervised(by=by, client_id=note.client_id), texts


def _mark(texts: Iterable[AnySigned]) -> str:
    """Draw together what was read: another text, signature or addendum is another mark."""
    parts = [part for row in texts for part in (row.pk, row.ciphertext_sha256, bytes(row.signature))]
    return hashlib.sha256(encode("cosign-seen/v1", *parts)).hexdigest()
