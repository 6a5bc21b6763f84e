"""What every page shows around its content."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from access.acting import Actor
from access.roles import Role
from access.services.people import is_set_up, roles_of, the_practice


@dataclass(frozen=True)
class Place:
    """One entry of the top bar."""

    url: str
    label: str
    current: bool


_PLACES: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("notes:today", "Today", (Role.THERAPIST,)),
    ("clients:browse", "Clients", (Role.THERAPIST, Role.MANAGER)),
    ("access:browse_staff", "People", (Role.MANAGER,)),
    ("practice:browse_log", "Access log", (Role.MANAGER, Role.AUDITOR)),
)


def page(request: HttpRequest) -> dict[str, object]:
    """Gather practice, person, places and time-outs for a template."""
    actor: Actor | None = getattr(request, "actor", None)
    practice = the_practice() if is_set_up() else None
    idle = settings.IDLE_STAFF if actor and actor.user.is_staff_member else settings.IDLE_CLIENT
    return {
        "practice": practice,
        "practice_name": practice.name if practice else "Subrosa",
        "actor": actor,
        "nav": _nav(request, actor) if actor else [],
        "idle_seconds": idle,
    }


def _nav(request: HttpRequest, actor: Actor) -> list[Place]:
    held = roles_of(actor.user)
    match = request.resolver_match
    here = match.view_name if match else ""
    return [
        Place(reverse(name), label, here.split(":")[0] == name.split(":")[0] and here == name)
        for name, label, roles in _PLACES
        if held.intersection(roles)
    ]
