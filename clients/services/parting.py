"""Entries about many clients at once: in parts, with those who are kept from managers in parts of their own."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Unpack
from uuid import UUID

from audit.actors import Acting, Target
from audit.acts import Act
from audit.entries import MAX_SUBJECTS, Details
from audit.services import Receipt, record_look
from clients.models import Client


def part_handles(clients: Iterable[Client]) -> Iterator[list[bytes]]:
    """Part the log handles of clients for entries that say the same, the first of them for every reader of the log.

    An entry about restricted clients alone is shown to no manager: that it happened at all has to be.
    """
    return ([client.audit_handle for client in some] for some in _part(clients, at_least=1))


def record_looks(
    act: Act,
    *,
    by: Acting,
    clients: Iterable[Client],
    at: datetime,
    target: Target | None = None,
    at_least: int = 1,
    **details: Unpack[Details],
) -> list[tuple[list[Client], Receipt]]:
    """Record a look at many clients before it happens, each entry committed before the first text opens.

    :param at_least: how many entries every reader of the log finds, though the look be at restricted clients alone
    :returns: some of the clients each, with the receipt that names them
    :raises AuditUnavailable: see :func:`audit.services.record_look`
    """
    looks = []
    for some in _part(clients, at_least=at_least):
        details["subjects"] = [client.audit_handle for client in some]
        looks.append((some, record_look(act, by=by, target=target, at=at, **details)))
    return looks


def look_at_each(
    act: Act, *, by: Acting, clients: Iterable[Client], at: datetime, **details: Unpack[Details]
) -> dict[UUID, Receipt]:
    """Record a look at what waits for a reader about many clients; where none is about anybody, nothing is recorded.

    :returns: by client, the receipt that names them
    :raises AuditUnavailable: see :func:`audit.services.record_look`
    """
    looks = record_looks(act, by=by, clients=clients, at=at, at_least=0, **details)
    return {client.pk: receipt for some, receipt in looks for client in some}


def _part(clients: Iterable[Client], *, at_least: int) -> Iterator[list[Client]]:
    rows = sorted(set(clients), key=lambda client: client.code)
    known = [client for client in rows if not client.hidden]
    hidden = [client for client in rows if client.hidden]
    # Apart, because an entry that holds fewer than it can would tell how many of its clients are not shown.
    for some, least in ((known, at_least), (hidden, 0)):
        for start in range(0, max(len(some), least), MAX_SUBJECTS):
            yield some[start : start + MAX_SUBJECTS]
