"""The next code an authenticator would show: for the demo's sheet alone."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from access.models import User
from access.models.devices import TotpDevice
from access.services.people import the_practice

_STEP_SECONDS = 30


class OnlyInTheDemo(RuntimeError):
    """A real practice never shows anybody's code."""


@dataclass(frozen=True)
class NextCode:
    """A code that will be accepted, and when."""

    code: str
    valid_from: datetime
    valid_until: datetime


def next_code_of(user_id: UUID) -> NextCode | None:
    """Compute an unused code for the person with this id; none while a lost app is not replaced."""
    has_app = TotpDevice.objects.filter(user=user_id).exists()
    return next_code(User.objects.get(pk=user_id)) if has_app else None


def next_code(user: User) -> NextCode:
    """Compute a code that is still unused: for now, or for the step after the last one used.

    :raises OnlyInTheDemo: this is a real practice
    """
    if not the_practice().demo:
        raise OnlyInTheDemo
    device = TotpDevice.objects.filter(user=user).latest("confirmed")
    step = max(int(time.time()) // _STEP_SECONDS, device.last_step + 1)
    # The neighbour steps are accepted too: a phone's clock may be off.
    return NextCode(
        device.code_for(step),
        datetime.fromtimestamp((step - 1) * _STEP_SECONDS, UTC),
        datetime.fromtimestamp((step + 2) * _STEP_SECONDS, UTC),
    )
