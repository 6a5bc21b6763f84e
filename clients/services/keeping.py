"""How long a record is kept: computed from dates that stand in the clear, with nothing opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from access.services.people import the_practice
from clients.lasting import last_written
from clients.models import Care, Client
from clients.models.retention import Destruction, Extension, Tombstone
from clients.services.finding import standing_destructions, standing_holds


class KeepingState(StrEnum):
    """Where a record stands between care and destruction."""

    IN_CARE = "in_care"  # no date yet
    KEPT = "kept"
    HELD = "held"
    DUE = "due"  # somebody decides by hand
    WAITING = "waiting"  # decided; can be undone
    OVER = "over"  # the waiting time is over
    CAME_BACK = "came_back"  # destroyed, and brought back by a restore


@dataclass(frozen=True)
class Keeping:
    """What is known of one record's time.

    :ivar ended_at: when the last care ended; missing while somebody cares
    :ivar keep_until: the last day on which it must not be destroyed
    :ivar destruction: the decision that stands
    """

    client: Client
    ended_at: datetime | None
    written_at: datetime | None
    keep_until: date | None
    holds: int
    destruction: Destruction | None
    came_back: bool
    at: datetime

    @property
    def state(self) -> KeepingState:
        if self.holds:
            return KeepingState.HELD
        if self.came_back:
            return KeepingState.CAME_BACK
        if self.destruction:
            return KeepingState.OVER if self.destruction.due_at <= self.at else KeepingState.WAITING
        if self.keep_until is None:
            return KeepingState.IN_CARE
        return KeepingState.DUE if self.time_is_over else KeepingState.KEPT

    @property
    def time_is_over(self) -> bool:
        """Say whether the last day of keeping has passed, by the practice's own calendar."""
        return self.keep_until is not None and self.keep_until < timezone.localdate(self.at)

    @property
    def may_go(self) -> bool:
        """Say whether it may be destroyed this moment: what speaks against it counts until the very last."""
        decided = self.state == KeepingState.OVER and self.time_is_over
        return decided or self.state == KeepingState.CAME_BACK


def keeping_of(client: Client, *, at: datetime) -> Keeping:
    """Look up one record's time."""
    return keepings_of([client], at=at)[0]


def keepings_of(clients: Sequence[Client], *, at: datetime) -> list[Keeping]:
    """Look up the times of several records."""
    ids = [client.pk for client in clients]
    ended, written, years = _ends_of_care(ids), last_written(ids), the_practice().keep_years
    longer = dict(Extension.objects.filter(client__in=ids).values_list("client").annotate(Max("until")))
    holds = list(standing_holds(ids).values_list("client", flat=True))
    decisions = {row.client_id: row for row in standing_destructions(ids).select_related("decided_by")}
    came_back = set(Tombstone.objects.filter(client_id__in=ids).values_list("client_id", flat=True))
    return [
        Keeping(
            client=client,
            ended_at=ended.get(client.pk),
            written_at=written.get(client.pk),
            keep_until=_keep_until(ended.get(client.pk), written.get(client.pk), years, longer.get(client.pk)),
            holds=holds.count(client.pk),
            destruction=decisions.get(client.pk),
            came_back=client.pk in came_back,
            at=at,
        )
        for client in clients
    ]


def _ends_of_care(ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Say when care ended of those whom nobody has in care now."""
    cared = set(Care.objects.filter(client__in=ids, ended_at__isnull=True).values_list("client", flat=True))
    ends = Care.objects.filter(client__in=set(ids) - cared).values_list("client").annotate(Max("ended_at"))
    return dict(ends)


def _keep_until(ended: datetime | None, written: datetime | None, years: int, longer: date | None) -> date | None:
    if ended is None:
        return None
    last = timezone.localdate(max(ended, written or ended))
    return max(years_after(last, years), longer or date.min)


def years_after(day: date, years: int) -> date:
    """Count years on from a day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        # From a 29 February: kept a day longer rather than a day less.
        return date(day.year + years, 3, 1)
