"""Requests as the views get them: what the middleware adds, for the type checker's eyes."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from access.acting import Actor
from access.services.key_sessions import is_fresh
from audit.actors import Origin
from keys.services import Keyring

if TYPE_CHECKING:
    from access.models import KeySession, User


@dataclass(frozen=True, repr=False)
class Unlocked:
    """A request whose session row and cookie together opened the keys."""

    user: "User"
    keys: Keyring
    session: "KeySession"

    def is_fresh(self, at: datetime) -> bool:
        """Say whether the passphrase was given in the last ten minutes."""
        return is_fresh(self.session, at=at)


class VisitorRequest(HttpRequest):
    """Anybody's request. `unlock_cookie` is set when the answer has to hand out, or take away, the browser's half."""

    origin: Origin
    unlocked: Unlocked | None
    actor: Actor | None
    unlock_cookie: str | None


class ActingRequest(HttpRequest):
    """A request that passed the gate: somebody acts, with open keys."""

    origin: Origin
    unlocked: Unlocked
    actor: Actor
    unlock_cookie: str | None
