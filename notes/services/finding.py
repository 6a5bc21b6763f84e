"""Lock 2 for drafts and notes: one's own drafts, and the notes about clients in one's care."""

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from access.acting import Actor, service
from access.roles import Role
from audit.actors import Named
from clients.services.covers import CoverClosed, opened_at, readable_at
from clients.services.finding import NoSuchClient, closed_clients, was_in_care
from clients.services.supervised import any_supervision
from keys.prepared import Prepared
from notes.kinds import NoteKind
from notes.models import Addendum, Draft, Note, Unsigned, Version
from notes.models.cosigning import Cosignature

if TYPE_CHECKING:
    from clients.models import Client

AnyUnsigned = TypeVar("AnyUnsigned", bound=Unsigned)


class NoSuchNote(NoSuchClient):
    """Not for this person's eyes, or not existing: the words and the work of a client who is unknown."""


class AlreadySigned(Exception):
    """The draft was signed in another window, or by a form sent twice: nothing is refused, only too late.

    `note` is what it became, or what it was added to.
    """

    def __init__(self, note: Note) -> None:
        super().__init__(note.pk)
        self.note = note

    def __str__(self) -> str:
        return "This was signed in another window. Copy what you want to keep; what is signed stays as it is."


@service
def find_draft(*, by: Actor, draft_id: UUID) -> Draft:
    """Find a draft of this person's own.

    :raises AlreadySigned, NoSuchNote: see :func:`draft_to_write`
    """
    return draft_to_write(by=by, draft_id=draft_id)


def draft_to_write(*, by: Actor, draft_id: UUID) -> Draft:
    """Find a draft for a service, which records the refusal itself.

    :raises AlreadySigned: it is a note by now, which keeps the id of its draft
    :raises CoverClosed: begun under cover, and the time is over
    :raises NoSuchNote: somebody else's, or none; the address as asked is in the log
    """
    if by.role == Role.THERAPIST and (draft := _draft.first(author=by.user.pk, draft=draft_id, now=timezone.now())):
        return draft
    note = _signed_from(draft_id, by=by)
    if note is None and Draft.objects.filter(pk=draft_id, author=by.user).exists():
        raise CoverClosed(Named("notes.note", draft_id))
    raise AlreadySigned(note) if note else no_such_note(draft_id)


def find_note(*, by: Actor, note_id: UUID) -> Note:
    """Find a note this person may read, for a service, which records the refusal itself.

    :raises NoSuchNote: of nobody in their care, somebody else's process note, or none
    """
    if by.role == Role.THERAPIST and (note := _note.first(reader=by.user.pk, note=note_id, now=timezone.now())):
        return note
    raise no_such_note(note_id)


def find_stub_or_note(*, by: Actor, note_id: UUID) -> Note:
    """Find a note of which this person may know that it was signed, for a service, which records the refusal itself.

    :raises NoSuchNote: see :func:`find_note`
    """
    note = stubs_and_notes_of(by).filter(pk=note_id).first()
    if note is None:
        raise no_such_note(note_id)
    return note


def drafts_of(by: Actor) -> QuerySet[Draft]:
    """Say which drafts this person goes on with: their own.

    What was begun in care may be finished after the care has ended; what was begun under cover closes with it.
    """
    drafts = drafts_at(by.user.pk, timezone.now())
    return drafts if by.role == Role.THERAPIST else drafts.none()


def versions_of(by: Actor) -> QuerySet[Version]:
    """Say which texts that a draft held before this person looks back to: those of the drafts that they go on with."""
    versions = _begun_by(Version.objects.all(), by.user.pk, timezone.now())
    return versions if by.role == Role.THERAPIST else versions.none()


def drafts_at(author: UUID, now: datetime) -> QuerySet[Draft]:
    """Say which drafts a therapist goes on with, for a question that is prepared."""
    return _begun_by(Draft.objects.all(), author, now)


def notes_of(by: Actor, client: "Client | None" = None) -> QuerySet[Note]:
    """Say which notes this person may read: those about clients in their care, process notes only as their author.

    Under cover, those of a record that they have opened; after a therapy, those of a record that they keep. What was
    withdrawn is nobody's to read.
    """
    return stubs_and_notes_of(by, client).filter(withdrawal=None)


def stubs_and_notes_of(by: Actor, client: "Client | None" = None) -> QuerySet[Note]:
    """Say of which notes this person may know that they were signed, those among them too that were withdrawn."""
    notes = notes_at(by.user.pk, timezone.now())
    if by.role != Role.THERAPIST:
        return notes.none()
    return notes.filter(client=client) if client else notes


def notes_at(reader: UUID, now: datetime) -> QuerySet[Note]:
    """Say the same for a question that is prepared."""
    readable = ~Q(kind=NoteKind.PROCESS) | Q(author=reader)
    notes = Note.objects.filter(readable, client__in=readable_at(reader, now))
    return notes.select_related("client", "author", "withdrawal")


@Prepared
def _draft(author: UUID, draft: UUID, now: datetime) -> QuerySet[Draft]:
    return drafts_at(author, now).filter(pk=draft)


@Prepared
def _note(reader: UUID, note: UUID, now: datetime) -> QuerySet[Note]:
    # With the signature or reason that it rests on, of which its page tells.
    notes = notes_at(reader, now).filter(pk=note, withdrawal=None).select_related("consent_basis")
    cosigned = Exists(Cosignature.objects.filter(note=OuterRef("pk")))
    return notes.annotate(could_be_cosigned=any_supervision() | cosigned)


def addenda_of(by: Actor) -> QuerySet[Addendum]:
    """Say which addenda this person may read: those to the notes that they may read."""
    return Addendum.objects.filter(note__in=notes_of(by)).select_related("note", "author")


def in_list(notes: QuerySet[Note]) -> list[Note]:
    """List notes with how many addenda each has (`count_addenda`), the newest session first. Nothing is opened."""
    counted = notes.defer("sealed_body", "signature").annotate(count_addenda=Count("addenda"))
    return list(counted.order_by("-session_at", "-signed_at"))


def could_be_cosigned(note: Note) -> bool:
    """Say whether to look for co-signatures: mostly it was found out with the note that nobody was ever in training."""
    return bool(getattr(note, "could_be_cosigned", True))


def has_begun(client_id: UUID, therapist_id: UUID) -> bool:
    """Say whether a therapist has a draft in a client's record: without its key nobody could finish it."""
    drafts = Draft.objects.filter(client=client_id, author=therapist_id)
    return drafts.exclude(kind=NoteKind.PROCESS).exists()


def _signed_from(draft_id: UUID, *, by: Actor) -> Note | None:
    """Find what this person's draft became, or the note that it was added to."""
    if by.role != Role.THERAPIST:
        return None
    signed = Q(pk=draft_id, author=by.user) | Q(addenda__pk=draft_id, addenda__author=by.user)
    return Note.objects.filter(signed).select_related("client", "author").first()


def no_such_note(asked: UUID) -> NoSuchNote:
    """Say that there is none, with the address as asked for the log."""
    return NoSuchNote(Named("notes.note", asked))


def _begun_by(texts: QuerySet[AnyUnsigned], author: UUID, now: datetime) -> QuerySet[AnyUnsigned]:
    own = texts.filter(author=author).exclude(client__in=closed_clients())
    began = was_in_care(author, client="client", moment="begun_at") | Q(client__in=opened_at(author, now))
    return own.filter(began).select_related("client")
