"""What every page shows around its content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from access.acting import Actor
from access.services.confirming import count_newcomers
from access.services.people import is_set_up, roles_of, the_practice
from consent.services.overriding import override_alerts
from practice.policy import POLICY

WARN_SECONDS = 120


@dataclass(frozen=True)
class Place:
    """One entry of the top bar. `count` is what waits there for this person."""

    url: str
    label: str
    current: bool
    count: int


@dataclass(frozen=True)
class SessionClock:
    """What the page's scripts need to warn before the keys close, and to open them again in place."""

    idle_seconds: int
    warn_seconds: int
    touch_url: str
    status_url: str
    unlock_url: str


_PLACES: tuple[tuple[str, str], ...] = (
    ("notes:today", "Today"),
    ("clients:browse", "Clients"),
    ("access:browse_staff", "People"),
    ("practice:browse_log", "Access log"),
    ("consent:browse_overrides", "Emergency reasons"),
    ("access:read_account", "My account"),
)
_COUNTS: Mapping[str, Callable[[Actor], int]] = {
    "access:browse_staff": lambda _: count_newcomers(),
    "consent:browse_overrides": lambda by: len(override_alerts(by=by, at=timezone.now())),
}


def page(request: HttpRequest) -> dict[str, object]:
    """Gather practice, person, places and time-outs for a template."""
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "practice_name": the_practice().name if is_set_up() else "",
        "actor": actor,
        "nav": _nav(request, actor) if actor else [],
        "session_clock": _clock(actor) if actor else None,
        "client_page": is_client_page(request),
        "help_url": reverse("access:find_help"),
    }


def is_client_page(request: HttpRequest) -> bool:
    """Say whether a client sits there, as far as is known without asking the database again."""
    try:
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated and not user.is_staff_member)
    except DatabaseFailure:
        # A page about an outage is rendered in the middle of it.
        return False


def _clock(actor: Actor) -> SessionClock:
    return SessionClock(
        idle_seconds=settings.IDLE_STAFF if actor.user.is_staff_member else settings.IDLE_CLIENT,
        warn_seconds=WARN_SECONDS,
        touch_url=reverse("access:stay"),
        status_url=reverse("access:status"),
        unlock_url=reverse("practice:again"),
    )


def _nav(request: HttpRequest, actor: Actor) -> list[Place]:
    held, match = roles_of(actor.user), request.resolver_match
    here = match.view_name if match else ""
    names = [(name, label) for name, label in _PLACES if name in POLICY and held.intersection(POLICY[name].roles)]
    return [Place(reverse(name), label, _is_in(here, name), _count(name, actor)) for name, label in names]


def _is_in(here: str, name: str) -> bool:
    """Tell whether a page belongs to a place: the place itself, or a page of an app that has one place only."""
    app = name.partition(":")[0]
    others = [other for other, _ in _PLACES if other != name and other.startswith(f"{app}:")]
    return here == name or (here.startswith(f"{app}:") and not others)


def _count(name: str, actor: Actor) -> int:
    count = _COUNTS.get(name)
    return count(actor) if count else 0
