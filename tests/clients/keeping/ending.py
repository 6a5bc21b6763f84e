"""A client of the cast whose care has ended, and the years after."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from clients.models import Client
from clients.models.retention import Destruction, Hold
from clients.services.destroying import carry_out_due, decide_destruction
from clients.services.holding import Reason, set_hold
from clients.services.therapy import end_therapy
from practice.cast import Person
from tests.cast import Cast

if TYPE_CHECKING:
    from clients.models.retention import Tombstone

A_DAY, DAYS_29, DAYS_31 = timedelta(days=1), timedelta(days=29), timedelta(days=31)


@dataclass(frozen=True)
class Ended:
    """A record after care: who answers for it, and moments as they are counted from the end of care."""

    cast: Cast
    client: Client
    ended_at: datetime

    @property
    def manager(self) -> Actor:
        return self.cast.manager.as_(Role.MANAGER)

    @property
    def due_at(self) -> datetime:
        """Midday of the first day on which the record may go."""
        here = timezone.localtime(self.ended_at)
        return here.replace(year=here.year + 10, hour=12) + A_DAY

    def decide(self, *, at: datetime | None = None, by: Actor | None = None) -> Destruction:
        return decide_destruction(by=by or self.manager, client=self.client, at=at or self.due_at)

    def hold(self, *, at: datetime | None = None, by: Actor | None = None, text: str = "A lawsuit.") -> Hold:
        return set_hold(by=by or self.manager, client=self.client, reason=a_reason(text), at=at or self.due_at)

    def destroy(self) -> "Tombstone":
        """Decide, and let thirty days pass."""
        decision = self.decide()
        [tombstone] = carry_out_due(by=self.manager, at=decision.due_at)
        return tombstone

    def is_gone(self) -> bool:
        return not Client.objects.filter(pk=self.client.pk).exists()


def a_reason(text: str = "A lawsuit.") -> Reason:
    return Reason(uuid4(), text)


def end_care(cast: Cast, person: Person, client: Client) -> Ended:
    """Let a therapy be over now."""
    now = timezone.now()
    end_therapy(by=person.as_(Role.THERAPIST), client=client, at=now)
    return Ended(cast, client, now)


def hide(ended: Ended) -> Ended:
    """Make it a record that managers were never to know of."""
    Client.objects.filter(pk=ended.client.pk).update(hidden=True)
    ended.client.refresh_from_db()
    return replace(ended, client=ended.client)


def a_tombstone_of(ended: Ended, **changes: object) -> dict[str, str]:
    """Write what a list of tombstones says of a record, as if it had been destroyed."""
    day = str(ended.due_at)
    return {
        "client_id": str(ended.client.pk),
        "code": ended.client.code,
        "hidden": "False",
        "decided_by": str(ended.cast.manager.user.pk),
        "decided_at": day,
        "destroyed_at": str(ended.due_at + DAYS_31),
        "complete_at": str(ended.due_at + 2 * DAYS_31),
        "vaults": "4",
        "grants": "9",
        "texts": "7",
        "fingerprint": "0" * 64,
    } | {name: str(value) for name, value in changes.items()}
