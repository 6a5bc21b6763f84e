"""What stayed unclear, and the talk about it that comes before the first note."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act
from audit.services import Receipt
from consent.kinds import EventKind
from consent.models import Event, Record
from consent.publication import Screen
from consent.services.events import Happening, lock_client, write_event
from consent.services.records import open_record

if TYPE_CHECKING:
    from clients.models import Client


class TalkMissing(Refusal):
    """The client signed with something marked to talk about, and nobody has ticked that talk."""

    act = Act.NOTE_REFUSED
    message = "Some parts of the limits stayed unclear to this client. Talk about them first, then tick that you did."


def to_discuss(*, by: Actor, client: "Client", receipt: Receipt) -> tuple[Screen, ...]:
    """List the limits that the client signed as unclear and that nobody has talked about yet.

    :param receipt: of a look at this client's things; the marks are sealed in the signed record
    :raises NoGrant: this reader waits for the key
    """
    row = _undiscussed(client)
    if row is None:
        return ()
    signed = open_record(by=by, client=client, row=row, receipt=receipt)
    return tuple(screen for screen in signed.text.screens if screen.code in signed.to_discuss)


def require_discussed(*, by: Actor, client: "Client", receipt: Receipt) -> None:
    """Hold a note back until the talk about what stayed unclear is ticked.

    :raises TalkMissing: it is not
    """
    if to_discuss(by=by, client=client, receipt=receipt):
        raise TalkMissing(client)


@service
@transaction.atomic(durable=True)
def mark_discussed(*, by: Actor, client: "Client", at: datetime) -> None:
    """Keep the therapist's tick: we talked about it. A second tick adds nothing."""
    lock_client(by=by, client=client)
    row = _undiscussed(client)
    if row is None:
        return
    happening = Happening(EventKind.DISCUSSED, Act.CONSENT_DISCUSSED, version_id=row.version_id)
    write_event(by=by, client=client, happening=happening, at=at)


def _undiscussed(client: "Client") -> Record | None:
    """Find the newest record, unless a tick came after it."""
    row = Record.objects.filter(client=client).select_related("version").order_by("-signed_at").first()
    if row is None:
        return None
    talked = Event.objects.filter(client=client, kind=EventKind.DISCUSSED, at__gte=row.signed_at).exists()
    return None if talked else row
