"""What a therapist sees of a couple, family or group: who belongs, and what each of them has signed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.acts import Act
from audit.services import record_look
from clients.services.contacts import label_of
from clients.services.purposes import purpose_of
from clients.services.units import Seat, look_at_members
from consent.models import EmergencyReason
from consent.services.deciding import Standing, state_of, states_of
from consent.services.overriding import Reason, read_reasons
from keys.errors import NoGrant

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True)
class SeenMember:
    """Somebody who belongs, and where they stand. Of whom the reader does not care for, the page says no more."""

    seat: Seat
    standing: Standing


@dataclass(frozen=True)
class SeenUnit:
    """A couple, family or group as its therapist sees it."""

    label: str
    standing: Standing
    members: tuple[SeenMember, ...]
    reasons: tuple[Reason, ...]


def look_at_unit(*, by: Actor, unit: "Client", at: datetime) -> SeenUnit:
    """Record each look, then open the unit's name, those of its members, and the unit's own emergency reasons."""
    receipt = record_look(Act.CLIENT_READ, by=by, target=unit, purpose=purpose_of(by), at=at)
    label = label_of(by=by, client=unit, receipt=receipt)
    seats = look_at_members(by=by, unit=unit, at=at)
    standings = states_of(clients=[seat.member.client for seat in seats], at=at)
    members = tuple(SeenMember(seat, standings[seat.member.client_id]) for seat in seats)
    return SeenUnit(label, state_of(client=unit, at=at), members, _reasons(by, unit, at))


def _reasons(by: Actor, unit: "Client", at: datetime) -> tuple[Reason, ...]:
    if not EmergencyReason.objects.filter(event__client=unit).exists():
        return ()
    receipt = record_look(Act.OVERRIDE_READ, by=by, target=unit, purpose=purpose_of(by), at=at)
    try:
        return read_reasons(by=by, client=unit, receipt=receipt)
    except NoGrant:
        return ()
