"""What every page shows around its content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from access.acting import Actor
from access.roles import Role
from access.services.confirming import count_newcomers
from access.services.people import name_of_practice, roles_of
from access.services.recovery_codes import is_asked
from clients.services.custody import asks, browse_hints
from clients.services.opening import openings_to_review
from clients.services.reviewing import count_due
from clients.services.supervised import supervision_of
from clients.services.supervising import browse_supervisions
from clients.services.wills import will_of
from consent.services.overriding import override_alerts
from notes.services.drafting import count_unfinished
from practice.backups.ages import ages_at
from practice.custody.returning import is_taken_for_gone
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
    ("notes:search", "Search"),
    ("access:browse_staff", "People"),
    ("practice:browse_log", "Access log"),
    ("consent:browse_overrides", "Emergency reasons"),
    ("access:read_account", "My account"),
)
# Pages about one client stand behind the list of clients, whichever app shows them.
_BEHIND_CLIENTS = ("clients", "notes", "plans", "measures", "attachments", "consent")
_PART_OF = {
    "notes:review_all": "notes:today",
    "practice:browse_record_log": "clients:browse",
    "notes:browse_thrown_away": "notes:today",
    "access:invite_staff": "access:browse_staff",
    "access:set_practice": "access:browse_staff",
    "practice:recover": "access:browse_staff",
    "practice:recover_care": "access:browse_staff",
    "practice:recover_restricted": "access:browse_staff",
    "practice:invite_back": "access:browse_staff",
    "consent:read_text": "access:browse_staff",
    "consent:choose": "access:browse_staff",
    "consent:publish": "access:browse_staff",
    "practice:read_entry": "practice:browse_log",
    "access:remove_factor": "access:browse_staff",
    "clients:end_account": "access:browse_staff",
    "access:change_passphrase": "access:read_account",
    "access:replace_keys": "access:read_account",
    "access:prove_recovery_code": "access:read_account",
    "access:renew_recovery_code": "access:read_account",
    "access:begin_app": "access:read_account",
    "access:change_app": "access:read_account",
    "access:print_backup_codes": "access:read_account",
    "practice:follow_rotation": "access:browse_staff",
    "practice:release": "access:browse_staff",
    "clients:name_custodian": "access:read_account",
    "notes:browse_supervised": "notes:today",
    "notes:read_supervised": "notes:today",
    "notes:ask_for_changes": "notes:today",
    "measures:read_supervised": "notes:today",
    "clients:give_to_supervisor": "access:read_account",
    "clients:name_supervisor": "access:browse_staff",
}


def _count_emergencies(by: Actor) -> int:
    now = timezone.now()
    return len(override_alerts(by=by, at=now)) + openings_to_review(by=by, at=now).count()


_COUNTS: Mapping[str, Callable[[Actor], int]] = {
    "notes:today": lambda by: count_unfinished(by=by),
    "access:browse_staff": lambda _: count_newcomers(),
    "consent:browse_overrides": _count_emergencies,
}


def page(request: HttpRequest) -> dict[str, object]:
    """Gather practice, person, places and time-outs for a template."""
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "practice_name": name_of_practice(),
        "actor": actor,
        "nav": _nav(request, actor) if actor else [],
        "session_clock": _clock(actor) if actor else None,
        "client_page": is_client_page(request),
        "help_url": reverse("access:find_help"),
        "asks_recovery_code": bool(actor and is_asked(actor.user, at=timezone.now())),
        # Asked only by the page that shows it.
        "backups": SimpleLazyObject(lambda: ages_at(timezone.now())),
        "count_records_due": actor and partial(_count_due, actor),
        "custody_hints": SimpleLazyObject(lambda: browse_hints(at=timezone.now())),
        "supervisions": SimpleLazyObject(browse_supervisions),
        "own_supervision": SimpleLazyObject(lambda: supervision_of(actor.user) if actor else None),
        "own_release": SimpleLazyObject(lambda: is_taken_for_gone(request, actor)),
        "own_will": SimpleLazyObject(lambda: will_of(actor.user) if actor else None),
        "custody_asks": SimpleLazyObject(lambda: bool(actor and asks(actor))),
    }


def is_client_page(request: HttpRequest) -> bool:
    """Say whether a client sits there, as far as is known without asking the database again."""
    try:
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated and not user.is_staff_member)
    except DatabaseFailure:
        # A page about an outage is rendered in the middle of it.
        return False


def _count_due(actor: Actor) -> int:
    # Whoever is therapist and manager acts as the one on the page of the day, and answers for records as the other.
    role = Role.MANAGER if Role.MANAGER in roles_of(actor.user) else actor.role
    return count_due(by=replace(actor, role=role), at=timezone.now())


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
    return [Place(reverse(name), label, _place_of(here) == name, _count(name, actor)) for name, label in names]


def _place_of(here: str) -> str:
    """Name the place a page belongs to: itself, the one it is part of, or the clients' for pages about a client."""
    if here in dict(_PLACES):
        return here
    behind_clients = here.partition(":")[0] in _BEHIND_CLIENTS
    return _PART_OF.get(here, "clients:browse" if behind_clients else "")


def _count(name: str, actor: Actor) -> int:
    count = _COUNTS.get(name)
    return count(actor) if count else 0
