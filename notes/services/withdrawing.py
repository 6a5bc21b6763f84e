"""A note for the wrong client: it leaves a stub where it was, and its text can begin a draft where it belongs.

Nothing moves by itself. Each record tells what was done in it, and neither names the other.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.acts import Act, Purpose
from audit.services import Receipt, record, record_look
from keys.prepared import Prepared
from keys.services import require_open
from notes.models import Note, Withdrawal
from notes.services.bodies import believe_withdrawal, sign_withdrawal
from notes.services.finding import find_stub_or_note, notes_at

# To put a record in order is no treatment of the client whose record it was never meant for.
WHY = Purpose.OPERATIONS


class NotYoursToWithdraw(Refusal):
    """Only its author knows for whom a note was written."""

    act = Act.NOTE_REFUSED
    message = "Only the author of a note can withdraw it. You can write an addendum to it. Nothing was changed."


@dataclass(frozen=True)
class Stub:
    """What is left of a withdrawn note: that it was there, and who says that it did not belong there.

    :param may_carry: whether this person may take its text to the right client
    """

    note: Note
    receipt: Receipt
    may_carry: bool


@service
@transaction.atomic(durable=True)
def withdraw_note(*, by: Actor, note_id: UUID, at: datetime) -> Note:
    """Withdraw a signed note that was written for somebody else. Withdrawing it twice does it once.

    Its text stays sealed where it is, for as long as the record is kept: what was signed is not destroyed.

    :raises NoSuchNote: nothing that this person may know of
    :raises NotYoursToWithdraw: somebody else wrote it
    """
    note = own_note(by=by, note_id=note_id)
    # Locked and looked at again: two at once withdraw it once, and no addendum comes in between.
    note = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if note.is_withdrawn:
        return note
    withdrawal = Withdrawal(note=note, client=note.client, author=by.user, withdrawn_at=at)
    sign_withdrawal(withdrawal, keyring=require_open(by.keys))
    withdrawal.save(force_insert=True)
    record(Act.NOTE_WITHDRAWN, by=by, target=note, purpose=WHY, at=at)
    return note


@service
def find_own_note(*, by: Actor, note_id: UUID) -> Note:
    """Find a note of this person's own, or the stub that it left.

    :raises NoSuchNote: nothing that this person may know of
    :raises NotYoursToWithdraw: somebody else wrote it
    """
    return own_note(by=by, note_id=note_id)


def is_stub(*, by: Actor, note_id: UUID) -> bool:
    """Say whether a stub stands where this person could read a note."""
    return by.role == Role.THERAPIST and _stub.any(reader=by.user.pk, note=note_id, now=timezone.now())


@Prepared
def _stub(reader: UUID, note: UUID, now: datetime) -> QuerySet[Note, UUID]:
    return notes_at(reader, now).filter(pk=note).exclude(withdrawal=None).values_list("pk", flat=True)


@service
def read_stub(*, by: Actor, note_id: UUID, at: datetime) -> Stub:
    """Record the look, then show what is left of a withdrawn note, if its author really withdrew it.

    :raises NoSuchNote: nothing that this person may know of
    :raises KeyRefused: its author did not sign that it was withdrawn
    """
    note = find_stub_or_note(by=by, note_id=note_id)
    receipt = record_look(Act.NOTE_LISTED, by=by, target=note, purpose=WHY, at=at)
    believe_withdrawal(note.withdrawal, keyring=require_open(by.keys))
    return Stub(note, receipt, may_carry=note.author_id == by.user.pk and not note.is_imported)


def own_note(*, by: Actor, note_id: UUID) -> Note:
    """Find it for a service, which records the refusal itself; see :func:`find_own_note`."""
    note = find_stub_or_note(by=by, note_id=note_id)
    if note.author_id != by.user.pk:
        raise NotYoursToWithdraw(note)
    return note
