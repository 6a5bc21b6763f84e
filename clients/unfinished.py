"""What a therapist has begun and not finished: the apps above say so, and their keys then stay a little longer."""

from collections.abc import Callable
from uuid import UUID

# Says by the ids of a client and a therapist whether there is something in the record that only they can finish.
Unfinished = Callable[[UUID, UUID], bool]

_KNOWN: list[Unfinished] = []


def register_unfinished(asks: Unfinished) -> None:
    """Declare a way to ask."""
    _KNOWN.append(asks)


def has_unfinished(*, client_id: UUID, therapist_id: UUID) -> bool:
    """Say whether a therapist has something to finish in a client's record."""
    return any(asks(client_id, therapist_id) for asks in _KNOWN)
