"""Counting tries before anything expensive or secret is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from access.acting import Refusal
from access.models import Throttle
from audit.acts import Act
from keys.services import Label, service_mac


@dataclass(frozen=True)
class Limit:
    """At most `tries` in a window that opens with the first."""

    name: str
    tries: int
    window: timedelta


PER_ADDRESS = Limit("address", 10, timedelta(minutes=15))
PER_NETWORK = Limit("network", 60, timedelta(minutes=15))
CODES_SENT = Limit("codes", 5, timedelta(minutes=15))


class Throttled(Refusal):
    """Too many tries; nothing was checked."""

    act = Act.SIGN_IN_THROTTLED
    message = "There were too many tries. Please wait until {until} and try again."

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until

    def __str__(self) -> str:
        return self.message.format(until=timezone.localtime(self.until).strftime("%H:%M"))


def count_try(limit: Limit, value: str, *, at: datetime) -> None:
    """Count one try, by one conditional UPDATE, so that parallel tries cannot slip through together.

    :raises Throttled: the window is full; nothing was counted
    """
    key = _key(limit, value)
    Throttle.objects.filter(key=key, window_from__lte=at - limit.window).update(window_from=at, tries=0)
    Throttle.objects.bulk_create([Throttle(key=key, window_from=at)], ignore_conflicts=True)
    if not Throttle.objects.filter(key=key, tries__lt=limit.tries).update(tries=F("tries") + 1):
        raise Throttled(Throttle.objects.get(key=key).window_from + limit.window)


def forget_tries(limit: Limit, value: str) -> None:
    """Start over after a success."""
    Throttle.objects.filter(key=_key(limit, value)).delete()


def _key(limit: Limit, value: str) -> bytes:
    # As addresses are looked up, so that no other spelling of one gets tries of its own.
    return service_mac(Label.THROTTLE, limit.name, value.strip().casefold())
