"""What keeps a record: a legal hold, which wins over everything else, and a longer time with a reason."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act
from audit.services import Receipt, record
from clients.models import Client
from clients.models.retention import Destruction, Extension, Hold
from clients.sealed import bind_extension, bind_hold
from clients.services.answering import lock, lock_to_decide
from clients.services.finding import standing_destructions
from clients.services.keeping import keeping_of
from clients.services.purposes import purpose_of
from keys.context import Field
from keys.errors import NoGrant
from keys.services import OpenVault, Place, VaultKind, open_vault


class NoSuchHold(Refusal):
    """Lifted already, or never set."""

    message = "This hold was lifted already, or never set. Nothing was changed."


class NotLonger(Refusal):
    """The record is kept that long anyway."""

    message = "The record is kept at least that long already. Nothing was changed."


class DecidedToDestroy(Refusal):
    """A record that is to be destroyed is not kept longer at the same time."""

    message = "It was decided to destroy this record. Undo that first."


@dataclass(frozen=True)
class Reason:
    """Why a record is kept, as somebody typed it. `form` is one filled-in form, sent once."""

    form: UUID
    text: str


@dataclass(frozen=True)
class KeptReason:
    """One reason that stands. `text` is missing while the key is."""

    row: Hold | Extension
    text: str | None


@service
@transaction.atomic(durable=True)
def set_hold(*, by: Actor, client: Client, reason: Reason, at: datetime) -> Hold:
    """Put a legal hold on a record. It ends a decision to destroy, which is then to be made anew.

    :raises KeysError: no key to the contact, where the reason is sealed
    """
    client = lock(client)
    hold = Hold.objects.filter(pk=reason.form, client=client).first()
    if hold is None:
        hold = Hold(pk=reason.form, client=client, set_by=by.user, set_at=at)
        hold.sealed_reason = _contact(by, client).seal(reason.text, bound_to=bind_hold(hold))
        hold.save(force_insert=True)
        record(Act.HOLD_SET, by=by, target=client, purpose=purpose_of(by), at=at)
        _end_decision(by, client, at)
    return hold


@service
@transaction.atomic(durable=True)
def lift_hold(*, by: Actor, client: Client, hold_id: UUID, at: datetime) -> None:
    """Lift a hold. Nothing is destroyed by that: the record is reviewed again once its time is over.

    :raises NotYoursToDecide, NoSuchHold: see there
    """
    client = lock_to_decide(by=by, client=client)
    standing = Hold.objects.filter(pk=hold_id, client=client, lifted_at__isnull=True)
    if not standing.update(lifted_by=by.user, lifted_at=at):
        raise NoSuchHold(client)
    record(Act.HOLD_LIFTED, by=by, target=client, purpose=purpose_of(by), at=at)


@service
@transaction.atomic(durable=True)
def keep_longer(*, by: Actor, client: Client, until: date, reason: Reason, at: datetime) -> None:
    """Keep a record to the end of a day that is later than its own time would be.

    :raises NotYoursToDecide, DecidedToDestroy, NotLonger: see there
    :raises KeysError: no key to the contact, where the reason is sealed
    """
    client = lock_to_decide(by=by, client=client)
    keeping = keeping_of(client, at=at)
    if keeping.destruction or keeping.came_back:
        raise DecidedToDestroy(client)
    if keeping.keep_until is None or until <= keeping.keep_until:
        raise NotLonger(client)
    row = Extension(pk=reason.form, client=client, until=until, decided_by=by.user, decided_at=at)
    row.sealed_reason = _contact(by, client).seal(reason.text, bound_to=bind_extension(row))
    row.save(force_insert=True)
    record(Act.KEEPING_EXTENDED, by=by, target=client, purpose=purpose_of(by), at=at)


def undo_decision(*, by: Actor, client: Client, at: datetime) -> Destruction | None:
    """Undo the decision to destroy that stands, if one does. Belongs inside the caller's transaction."""
    decision = standing_destructions([client.pk]).first()
    if decision is not None:
        decision.undone_by, decision.undone_at = by.user, at
        decision.save(update_fields=["undone_by", "undone_at"])
    return decision


def browse_reasons(*, by: Actor, client: Client, receipt: Receipt) -> list[KeptReason]:
    """Open why a record is kept, newest first, for who holds the contact; the look stands in the log."""
    holds = Hold.objects.filter(client=client, lifted_at__isnull=True).select_related("set_by")
    longer = Extension.objects.filter(client=client).select_related("decided_by")
    rows: list[tuple[Hold | Extension, tuple[Field, ...]]]
    rows = [(row, bind_hold(row)) for row in holds.order_by("-set_at")]
    rows += [(row, bind_extension(row)) for row in longer.order_by("-until")]
    try:
        vault = _contact(by, client)
    except NoGrant:
        return [KeptReason(row, None) for row, _ in rows]
    return [
        KeptReason(row, vault.unseal(row.sealed_reason, bound_to=bound_to, receipt=receipt)) for row, bound_to in rows
    ]


def _end_decision(by: Actor, client: Client, at: datetime) -> None:
    if undo_decision(by=by, client=client, at=at):
        record(Act.DESTRUCTION_UNDONE, by=by, target=client, purpose=purpose_of(by), at=at)


def _contact(by: Actor, client: Client) -> OpenVault:
    return open_vault(by=by.keys, place=Place(VaultKind.CONTACT, client.pk))
