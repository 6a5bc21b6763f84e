"""How Django loads the person of a session. Nobody signs in through here: that needs keys."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from access.services.people import find_user

if TYPE_CHECKING:
    from access.models import User


class PassphraseBackend(BaseBackend):
    """Loads people who have not left. `authenticate` stays the base class's: it signs nobody in."""

    def get_user(self, user_id: UUID) -> "User | None":
        user = find_user(user_id)
        return user if user is not None and user.is_active else None
