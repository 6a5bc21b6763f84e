"""The review of what is kept: by code, from dates in the clear; names and reasons only on the page of one client."""

from dataclasses import dataclass
from datetime import datetime

from access.acting import Actor
from access.services.people import the_practice
from audit.acts import Act
from audit.services import record_look
from clients.models import Care, Client
from clients.models.retention import Tombstone
from clients.services.answering import answered_for
from clients.services.contacts import label_of
from clients.services.holding import KeptReason, browse_reasons
from clients.services.keeping import Keeping, KeepingState, keeping_of, keepings_of
from clients.services.parting import record_looks
from clients.services.purposes import purpose_of
from clients.services.tombstones import browse_tombstones

_WAITS_FOR_SOMEBODY = (KeepingState.DUE, KeepingState.OVER, KeepingState.CAME_BACK)
_ORDER = (
    *_WAITS_FOR_SOMEBODY,
    KeepingState.WAITING,
    KeepingState.HELD,
    KeepingState.KEPT,
)


@dataclass(frozen=True)
class Review:
    """The records that are in nobody's care or on hold, and what was destroyed."""

    keepings: list[Keeping]
    tombstones: list[Tombstone]
    years: int

    @property
    def may_carry_out(self) -> bool:
        """Say whether something waits no longer."""
        return any(keeping.may_go for keeping in self.keepings)


@dataclass(frozen=True)
class KeepingPage:
    """One record's time, whose it is, and why it is kept. `decides`: this person answers for it."""

    keeping: Keeping
    label: str
    reasons: list[KeptReason]
    decides: bool
    years: int

    @property
    def may_be_destroyed(self) -> bool:
        return self.decides and self.keeping.state == KeepingState.DUE

    @property
    def may_be_kept_longer(self) -> bool:
        is_open = not (self.keeping.destruction or self.keeping.came_back)
        return self.decides and is_open and self.keeping.keep_until is not None


def review_keeping(*, by: Actor, at: datetime) -> Review:
    """List the records that this person answers for and nobody cares for, or that are held; the look names each."""
    clients = list(answered_for(by).order_by("made_at"))
    record_looks(Act.KEEPING_REVIEWED, by=by, clients=clients, purpose=purpose_of(by), at=at)
    listed = [row for row in keepings_of(clients, at=at) if row.state in _ORDER]
    listed.sort(key=lambda row: (_ORDER.index(row.state), row.keep_until is None, row.keep_until, row.client.code))
    return Review(listed, browse_tombstones(by=by), the_practice().keep_years)


def count_due(*, by: Actor, at: datetime) -> int:
    """Count the records about which this person has to do something, from dates alone."""
    left = answered_for(by).exclude(pk__in=Care.objects.filter(ended_at__isnull=True).values("client"))
    return sum(keeping.state in _WAITS_FOR_SOMEBODY for keeping in keepings_of(list(left), at=at))


def read_keeping(*, by: Actor, client: Client, at: datetime) -> KeepingPage:
    """Open one record's page of keeping: name and reasons out of the contact, and nothing else; the look comes first.

    :raises KeyRefused: a key that belongs here is not one we can vouch for
    """
    receipt = record_look(Act.CLIENT_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    return KeepingPage(
        keeping=keeping_of(client, at=at),
        label=label_of(by=by, client=client, receipt=receipt),
        reasons=browse_reasons(by=by, client=client, receipt=receipt),
        decides=answered_for(by).filter(pk=client.pk).exists(),
        years=the_practice().keep_years,
    )
