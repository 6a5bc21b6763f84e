"""A whole caseload in one stream: a file for each client, made one after another, and how far it has come."""

import io
import logging
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from access.acting import Actor
from audit.acts import Act, Outcome
from audit.services import Filters, browse_log
from clients.services.finding import clients_of, find_client
from clients.services.rotating import record_met
from keys.services import require_open
from practice.exporting.archive import Packed, entry_of
from practice.exporting.purposes import Why
from practice.exporting.service import export_record
from practice.paper.printing import Press

if TYPE_CHECKING:
    from clients.models import Client

logger = logging.getLogger(__name__)
# More than one person puts into files in a day.
_MOST = 1000


@dataclass(frozen=True)
class Exported:
    """When somebody last put a client's record into a file; `is_whole` where nothing of it was missing."""

    at: datetime
    is_whole: bool


def caseload_of(by: Actor) -> "list[Client]":
    """List whom this person has in care, by code."""
    return list(clients_of(by).order_by("code"))


def stream_caseload(*, by: Actor, clients: "Sequence[Client]", why: Why, all_agreed: bool = False) -> Iterator[bytes]:
    """Make a file for each client and pass it on before the next is opened, so that one at a time is in memory.

    Each has entries of its own, and is found anew at its turn: whoever lost a client meanwhile gets no file. What is
    in the stream, and what could not be made, stands in a list at its end, by code.

    :param all_agreed: as :func:`export_record` asks it, of every couple, family and group; without it these stay out
    """
    chute, contents = _Chute(), []
    with zipfile.ZipFile(chute, "w") as archive:
        for client in clients:
            if client.is_unit and not all_agreed:
                contents.append(f"{client.code}: not here. It was not said that each of them agreed.\n")
                continue
            packed = _make(by, client, why, all_agreed=all_agreed)
            contents.append(_line(client, packed))
            if packed is not None:
                yield from _put_in(archive, chute, packed)
        listed = entry_of("contents.txt", timezone.now(), zipfile.ZIP_DEFLATED)
        archive.writestr(listed, "".join(contents))
    yield chute.take()


def exported_since(*, by: Actor, since: datetime) -> Mapping[UUID, Exported]:
    """Say which records this person has put into files since a moment, as their own entries in the log tell."""
    filters = Filters(acts=frozenset({Act.EXPORT_DONE}), actor_id=by.audit_id, first_date=localdate(since))
    done = (entry for entry in browse_log(filters, size=_MOST).entries if entry.at >= since)
    # The newest comes first, and stays.
    exported: dict[UUID, Exported] = {}
    for entry in done:
        if entry.target_uuid:
            exported.setdefault(entry.target_uuid, Exported(entry.at, entry.outcome == Outcome.OK))
    return exported


def _put_in(archive: zipfile.ZipFile, chute: "_Chute", packed: Packed) -> Iterator[bytes]:
    """Put one file in, which is packed already, and pass it on piece by piece."""
    entry = entry_of(packed.name, timezone.now(), zipfile.ZIP_STORED)
    entry.file_size = packed.spool.size
    with archive.open(entry, "w") as into:
        for piece in packed.spool.pieces():
            into.write(piece)
            yield chute.take()


def _make(by: Actor, client: "Client", why: Why, *, all_agreed: bool) -> Packed | None:
    keyring = require_open(by.keys)
    known = len(keyring.met)
    try:
        found = find_client(by=by, client_id=client.pk)
        with Press() as press:
            packed = export_record(by=by, client=found, why=why, press=press, at=timezone.now(), all_agreed=all_agreed)
        if met := keyring.met[known:]:
            with transaction.atomic(durable=True):
                record_met(by=by, met=met, at=timezone.now())
    except Exception as error:  # noqa: BLE001 (what leaves here is logged by the server, with a message that may quote)
        logger.error("caseload: %s", type(error).__name__)
        return None
    return packed


def _line(client: "Client", packed: Packed | None) -> str:
    if packed is None:
        return f"{client.code}: not here. It could not be made; try this client alone.\n"
    return f"{client.code}: {packed.name}{'' if packed.is_whole else ' (something is missing, and named in it)'}\n"


class _Chute(io.RawIOBase):
    """A file that is only ever written to, and emptied from time to time."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def write(self, piece: object) -> int:
        """Take some bytes."""
        self._pieces.append(bytes(piece))  # type: ignore[call-overload]  # whatever is like bytes
        return len(self._pieces[-1])

    def take(self) -> bytes:
        """Give away what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
