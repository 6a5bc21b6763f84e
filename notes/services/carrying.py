"""Taking the text of a note to the client whom it is about: begun there through the gate, and then gone from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act
from audit.services import record, record_look
from clients.services.finding import find_client
from notes.formats import Format
from notes.models import Draft, Written
from notes.services.bodies import Fields, unseal_note
from notes.services.drafting import DraftConflict, Plan, Sent, begin_draft, open_to_write, save_draft
from notes.services.finding import draft_to_write, drafts_of
from notes.services.formatting import find_format
from notes.services.versions import forget_versions
from notes.services.withdrawing import WHY, own_note


class NotCarried(Refusal):
    """The text stays where it is; `message` says why."""

    act = Act.NOTE_REFUSED


class SameClient(NotCarried):
    """It is there already."""

    message = "This is the client whom it was written for by mistake. Choose whom it is about."


class NotWithdrawn(NotCarried):
    """A note that stands where it is belongs there."""

    message = "This note stands in its record. If it was written for the wrong client, withdraw it first."


class NotWrittenHere(NotCarried):
    """A past note is brought in for whom it is about; nobody here wrote it."""

    message = "A past note begins no draft. Bring it in once more, from its file, for the client whom it is about."


class DraftThere(NotCarried):
    """The author has begun something else about that moment there."""

    message = (
        "You have another draft of this kind about that moment with that client, and it is not written over. Finish it "
        "first, or choose another time. Nothing was changed."
    )


class TypedMeanwhile(NotCarried):
    """The draft that was to end has moved on."""

    message = (
        "The draft was changed in another window while it was taken over. Both are kept: bring them together, then "
        "throw away the one for the wrong client."
    )


class IsAddendum(NotCarried):
    """An addendum belongs to its note."""

    message = "An addendum cannot go to another client. Copy its text, or throw it away."


@dataclass(frozen=True)
class Destination:
    """Where a text is to begin a draft.

    :param confirmed: colleagues whose names were on the page, where this makes the record
    """

    client_id: UUID
    session_at: datetime
    minutes: int | None = None
    place: str = ""
    next_at: datetime | None = None
    confirmed: frozenset[UUID] = frozenset()


@service
def carry_note(*, by: Actor, note_id: UUID, to: Destination, at: datetime) -> Draft:
    """Begin a draft with the text of a note that its author withdrew. The stub stays, and so does what is sealed.

    :raises ConsentMissing, ConsentRefused, ReadersNotConfirmed: the gate says no; nothing was opened
    :raises SameClient, NotWithdrawn, NotWrittenHere, DraftThere: see there
    :raises NoSuchClient, NoSuchNote, NotYoursToWithdraw: not theirs
    """
    note = own_note(by=by, note_id=note_id)
    if not note.is_withdrawn:
        raise NotWithdrawn(note)
    if note.is_imported:
        raise NotWrittenHere(note)
    draft = _begin(by, note, to, at)
    receipt = record_look(Act.NOTE_CARRIED, by=by, target=note, purpose=WHY, at=at)
    _fill(by, draft, note.format, unseal_note(by=by, note=note, receipt=receipt), at)
    return draft


@service
def carry_draft(*, by: Actor, draft_id: UUID, to: Destination, at: datetime) -> Draft:
    """Begin a draft with the text of one that was begun for the wrong client, which ends that one.

    A failure in between leaves both: nothing is lost, and once more goes on where it stopped.

    :raises AlreadySigned: it is a note by now, which its author can withdraw
    :raises IsAddendum: see there
    :raises TypedMeanwhile: see there
    :raises ConsentMissing, SameClient, DraftThere: and the others of :func:`carry_note`; the draft stays as it is
    """
    draft = draft_to_write(by=by, draft_id=draft_id)
    if draft.amends_id:
        raise IsAddendum(draft)
    begun = _begin(by, draft, to, at)
    opened = open_to_write(by=by, draft_id=draft_id, at=at)
    _fill(by, begun, opened.draft.format, opened.fields, at)
    _end(by, opened.draft, at)
    return begun


def _begin(by: Actor, source: Written, to: Destination, at: datetime) -> Draft:
    client = find_client(by=by, client_id=to.client_id)
    if client.pk == source.client_id:
        raise SameClient(client)
    plan = Plan(
        source.note_kind,
        session_at=to.session_at,
        minutes=to.minutes,
        place=to.place,
        next_at=to.next_at,
        format=source.format,
        confirmed=to.confirmed,
    )
    return begin_draft(by=by, client=client, plan=plan, at=at)


def _fill(by: Actor, draft: Draft, name: str, fields: Fields, at: datetime) -> None:
    texts = fitting(fields, find_format(name), into=find_format(draft.format))
    try:
        save_draft(by=by, draft=draft, revision=0, fields=texts, at=at, sent=Sent(typed=False))
    except DraftConflict as conflict:
        # Sent twice, or once more after a failure, it is there already.
        if conflict.theirs.fields != texts:
            raise DraftThere(draft) from conflict


@transaction.atomic(durable=True)
def _end(by: Actor, draft: Draft, at: datetime) -> None:
    gone, _ = drafts_of(by).filter(pk=draft.pk, revision=draft.revision).delete()
    if not gone:
        raise TypedMeanwhile(draft)
    # What was written about somebody else does not stay in this record.
    forget_versions(draft)
    record(Act.DRAFT_CARRIED, by=by, target=draft, purpose=WHY, at=at)


def fitting(fields: Mapping[str, str], of: Format, *, into: Format) -> Fields:
    """Lay texts into the sections of a format: what has no section of its name goes into the first one for text."""
    names = {section.name for section in into.sections}
    texts = {name: text for name, text in fields.items() if name in names}
    first = next(section.name for section in into.sections if not section.choices)
    homeless = [section for section in of.sections if section.name not in names and fields.get(section.name)]
    parts = [texts.get(first, ""), *(f"{part.label}: {part.shown(fields[part.name])}" for part in homeless)]
    return {**texts, first: "\n\n".join(filter(None, parts))} if homeless else texts
