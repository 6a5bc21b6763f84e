"""The emergency reason: a therapist writes before the signature, for 72 hours, and it stays visible until answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, service
from access.services.people import names_of_staff
from audit.acts import Act, Ground, Purpose
from audit.entries import Basis, Details, SealedDetail
from audit.services import Receipt, record
from clients.services.finding import clients_of
from clients.services.parting import look_at_each
from clients.services.vaults import record_vault
from consent.decide import OVERRIDE_LASTS
from consent.kinds import EmergencyCode, EventKind
from consent.models import EmergencyReason, Event
from consent.sealed import bind_manager_line, bind_reason
from consent.services.deciding import Standing, states_of
from consent.services.events import lock_client
from keys.errors import KeysError
from keys.services import OpenVault, Place, VaultKind, open_vault, open_vaults

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True, repr=False)
class Emergency:
    """What a therapist gives as the reason.

    :param reason: one clinical line, for the care team
    :param manager_line: at most 60 characters, for the manager, who reads nothing clinical
    :param nonce: the form's own number
    """

    code: EmergencyCode
    reason: str
    manager_line: str
    nonce: UUID


@dataclass(frozen=True)
class Reason:
    """An emergency reason as the care team reads it."""

    id: UUID
    code: EmergencyCode
    at: datetime
    until: datetime | None
    line: str


@dataclass(frozen=True)
class Debt:
    """A client whose emergency reason no signature has answered yet."""

    client: "Client"
    standing: Standing


@dataclass(frozen=True)
class Alert:
    """An emergency reason, as a manager's first page shows it: nothing sealed is opened for it."""

    id: UUID
    client: "Client"
    code: EmergencyCode
    therapist: str
    at: datetime
    until: datetime | None


@service
@transaction.atomic(durable=True)
def open_override(
    *, by: Actor, client: "Client", emergency: Emergency, confirmed: frozenset[UUID] = frozenset(), at: datetime
) -> UUID:
    """Allow emergency notes about this client for 72 hours. Never longer: what comes later is a new reason.

    :param confirmed: colleagues whose names were on the page, where this makes the record
    :returns: the event's id, which each note written under it names
    :raises ReadersNotConfirmed: the record does not exist yet, and its readers were not shown
    :raises NoRecordYet: it does not exist, and this person covers
    """
    lock_client(by=by, client=client, under_cover=True)
    known = Event.objects.filter(nonce=emergency.nonce, client=client, kind=EventKind.OVERRIDE_OPENED).first()
    if known is not None:
        return known.id
    vault = record_vault(by=by, client=client, confirmed=confirmed, at=at)
    contact = open_vault(by=by.keys, place=Place(VaultKind.CONTACT, client.pk))
    event = Event(
        client=client,
        kind=EventKind.OVERRIDE_OPENED,
        at=at,
        until=at + OVERRIDE_LASTS,
        by=by.user.pk,
        nonce=emergency.nonce,
    )
    event.save(force_insert=True)
    row = EmergencyReason(event=event, code=emergency.code)
    row.sealed_reason = vault.seal(emergency.reason, bound_to=bind_reason(row))
    row.sealed_manager_line = contact.seal(emergency.manager_line, bound_to=bind_manager_line(row))
    row.save(force_insert=True)
    record(Act.OVERRIDE_OPENED, by=by, target=event, at=at, **_facts(event, row))
    return event.id


def debts_for(*, by: Actor, at: datetime) -> list[Debt]:
    """List this person's clients with an emergency reason and no signature since, the oldest reason first."""
    clients = list(clients_of(by).filter(consent_events__kind=EventKind.OVERRIDE_OPENED).distinct())
    states = states_of(clients=clients, at=at)
    debts = [Debt(client, states[client.pk]) for client in clients if states[client.pk].debts]
    return sorted(debts, key=lambda debt: debt.standing.debts[0].at)


def override_alerts(*, by: Actor, at: datetime) -> list[Alert]:
    """List the emergency reasons that a manager may know of and no signature has answered, the newest first."""
    ids = [step.id for debt in debts_for(by=by, at=at) for step in debt.standing.debts]
    rows = EmergencyReason.objects.filter(event__in=ids).select_related("event__client").order_by("-event__at")
    names = names_of_staff({row.event.by for row in rows})
    return [_alert(row, names.get(row.event.by, "")) for row in rows]


def look_at_manager_lines(*, by: Actor, alerts: Sequence[Alert], at: datetime) -> dict[UUID, str]:
    """Record the look at all of them, then open the lines that were written for the manager; no look at none.

    :returns: by event; a line whose key this manager lacks is left out
    """
    clients = [alert.client for alert in alerts]
    receipts = look_at_each(Act.OVERRIDE_READ, by=by, clients=clients, purpose=Purpose.OPERATIONS, at=at)
    if not receipts:
        return {}
    vaults = open_vaults(by=by.keys, kind=VaultKind.CONTACT, subjects=list(receipts))
    rows = EmergencyReason.objects.filter(event__in=[alert.id for alert in alerts]).select_related("event")
    lines = {row.event_id: _line(vaults[row.event.client_id], row, receipts[row.event.client_id]) for row in rows}
    return {event_id: line for event_id, line in lines.items() if line}


def read_reasons(*, by: Actor, client: "Client", receipt: Receipt) -> tuple[Reason, ...]:
    """Open the clinical lines of one client's emergency reasons, the oldest first.

    :raises NoGrant: this reader waits for the key
    """
    receipt.covers_client(client.audit_handle)
    rows = list(EmergencyReason.objects.filter(event__client=client).select_related("event").order_by("event__at"))
    if not rows:
        return ()
    vault = open_vault(by=by.keys, place=Place(VaultKind.RECORD, client.pk))

    def line(row: EmergencyReason) -> str:
        return vault.unseal(row.sealed_reason, bound_to=bind_reason(row), receipt=receipt)

    return tuple(
        Reason(row.event_id, EmergencyCode(row.code), row.event.at, row.event.until, line(row)) for row in rows
    )


def _facts(event: Event, row: EmergencyReason) -> Details:
    return {
        "purpose": Purpose.EMERGENCY_TREATMENT,
        "basis": Basis(Ground.OVERRIDE, event.id),
        "fields": [row.code],
        "enc": SealedDetail.of(bytes(row.sealed_reason), key_name="record"),
    }


def _alert(row: EmergencyReason, therapist: str) -> Alert:
    event = row.event
    return Alert(event.id, event.client, EmergencyCode(row.code), therapist, event.at, event.until)


def _line(vault: OpenVault | KeysError, row: EmergencyReason, receipt: Receipt) -> str | None:
    if isinstance(vault, KeysError):
        return None
    return vault.unseal(row.sealed_manager_line, bound_to=bind_manager_line(row), receipt=receipt)
