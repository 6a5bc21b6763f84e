"""Entries about many clients at once: in parts, with those who are kept from managers in parts of their own."""

from collections.abc import Iterable, Iterator

from audit.entries import MAX_SUBJECTS
from clients.models import Client


def part_handles(clients: Iterable[Client]) -> Iterator[list[bytes]]:
    """Part the log handles of clients for entries that say the same, the first of them for every reader of the log.

    An entry about restricted clients alone is shown to no manager: that it happened at all has to be.
    """
    rows = sorted(set(clients), key=lambda client: client.code)
    known = [client.audit_handle for client in rows if not client.hidden]
    hidden = [client.audit_handle for client in rows if client.hidden]
    for handles, at_least in ((known, 1), (hidden, 0)):
        for start in range(0, max(len(handles), at_least), MAX_SUBJECTS):
            yield handles[start : start + MAX_SUBJECTS]
