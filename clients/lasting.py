"""When a record was last written in, as the apps above say: the time that it is kept counts from there too."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

# Client and moment, of the clients asked about.
Tell = Callable[[Collection[UUID]], Iterable[tuple[UUID, datetime]]]

_TELLERS: dict[str, Tell] = {}


def register_last_written(name: str, tell: Tell) -> None:
    """Declare what else is written in a record. `name` is the app's."""
    _TELLERS[name] = tell


def last_written(client_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Look up when each of these records was last written in; those that nobody wrote in are left out."""
    last: dict[UUID, datetime] = {}
    for tell in _TELLERS.values():
        for client_id, at in tell(client_ids):
            last[client_id] = max(at, last.get(client_id, at))
    return last
