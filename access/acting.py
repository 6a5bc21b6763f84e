"""Who acts, and what happens when an act is refused."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from uuid import UUID

from django.utils import timezone

from access.roles import Role
from audit.actors import Acting, Origin, Target
from audit.acts import Act
from audit.services import record_refusal
from keys.services import Keys

if TYPE_CHECKING:
    from access.models import User

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Actor:
    """A person in one role, for one request. `keys` are open or locked; they never sit on the user."""

    user: "User"
    role: Role
    keys: Keys
    session: UUID | None
    origin: Origin

    @property
    def audit_id(self) -> str:
        return f"u_{self.user.pk}"

    @property
    def session_handle(self) -> str:
        return f"s_{self.session.hex[:16]}" if self.session else ""

    @property
    def display_name(self) -> str:
        return self.user.display_name


class Refusal(Exception):
    """Something that may not be done. Subclasses say what; `message` says it in plain words to the person."""

    act: Act = Act.ACCESS_REFUSED
    message = "This is not possible."

    def __init__(self, target: Target | None = None) -> None:
        super().__init__(type(self).__name__)
        self.target = target

    def __str__(self) -> str:
        return self.message


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function record every refusal that leaves it, after its own transaction was rolled back."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Refusal as refusal:
            _record(refusal, kwargs)
            raise

    return wrapped


def _record(refusal: Refusal, kwargs: dict[str, Any]) -> None:
    by: Acting = kwargs["by"]
    at: datetime = kwargs.get("at") or timezone.now()
    record_refusal(refusal.act, by=by, target=refusal.target, at=at)
