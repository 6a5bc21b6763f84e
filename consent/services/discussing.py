"""What the client wants to talk about: shown from the moment it is marked, ticked by the therapist once it was done."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q

from access.acting import Actor, Refusal, service
from audit.acts import Act
from audit.services import Receipt
from clients.services.parting import look_at_each
from clients.services.purposes import purpose_of
from clients.services.vaults import holds_shared_key
from consent.kinds import EventKind
from consent.models import Event, Record, Version
from consent.publication import Screen
from consent.record import Check, minute_of
from consent.services.attesting import require_attested
from consent.services.events import Happening, lock_client, write_event
from consent.services.publishing import published
from consent.services.reading import open_sections
from consent.services.records import KnownKeys, newest_record, open_record
from keys.services import require_open

if TYPE_CHECKING:
    from clients.models import Client


class TalkMissing(Refusal):
    """The client signed with something marked to talk about, and nobody has ticked that talk."""

    act = Act.NOTE_REFUSED
    message = "Some parts of the limits stayed unclear to this client. Talk about them first, then tick that you did."


def to_discuss(*, by: Actor, client: "Client", receipt: Receipt) -> tuple[Screen, ...]:
    """List the limits that the client wants to talk about and nobody has talked about since, signed or not yet.

    A signature says which talk is still due, so it asks for a tick that comes after it.

    :param receipt: of a look at this client's things; the marks are sealed
    :raises NoGrant: this reader waits for the key
    """
    talked = _talked_at(client)
    signed = _marks_signed(by, client, receipt, talked)
    # A newer text, read after the signature, may have the same parts.
    known = {screen.code for screen in signed}
    return signed + tuple(one for one in _marks_made(by, client, receipt, talked) if one.code not in known)


def look_at_marks(*, by: Actor, client: "Client", at: datetime) -> tuple[Screen, ...]:
    """Record the look, then list what one client wants to talk about; no look where nothing could be or open."""
    return look_for_marks(by=by, clients=[client], at=at).get(client.pk, ())


def look_for_marks(*, by: Actor, clients: "Sequence[Client]", at: datetime) -> dict[UUID, tuple[Screen, ...]]:
    """Record the look at all who may have marked something, then list what each of them wants to talk about.

    :returns: by client; those who marked nothing, or whose key this therapist waits for, are left out
    """
    awaiting = _awaiting(clients)
    waiting = [client for client in clients if client.pk in awaiting and holds_shared_key(by=by, client=client)]
    receipts = look_at_each(Act.CONSENT_ANSWERS_READ, by=by, clients=waiting, purpose=purpose_of(by), at=at)
    marks = {client.pk: to_discuss(by=by, client=client, receipt=receipts[client.pk]) for client in waiting}
    return {client_id: screens for client_id, screens in marks.items() if screens}


@service
@transaction.atomic(durable=True)
def mark_discussed(*, by: Actor, client: "Client", at: datetime) -> None:
    """Keep the therapist's tick: we talked about it. A second tick adds nothing."""
    lock_client(by=by, client=client)
    if client.pk not in _awaiting([client]):
        return
    happening = Happening(EventKind.DISCUSSED, Act.CONSENT_DISCUSSED, version_id=_version_answered(client))
    write_event(by=by, client=client, happening=happening, at=at)


def _awaiting(clients: "Sequence[Client]") -> set[UUID]:
    """Find who answered or signed since the last talk; what they answered stays sealed."""

    def last(kind: EventKind) -> Max:
        return Max("at", filter=Q(kind=kind))

    rows = (
        Event.objects.filter(client__in=clients)
        .values_list("client")
        .annotate(
            answered=last(EventKind.SECTION_DONE), signed=last(EventKind.SIGNED), talked=last(EventKind.DISCUSSED)
        )
    )
    return {
        client_id
        for client_id, answered, signed, talked in rows
        if answered and (talked is None or talked < max(answered, signed or answered))
    }


def _marks_signed(by: Actor, client: "Client", receipt: Receipt, talked: datetime | None) -> tuple[Screen, ...]:
    row = newest_record(client)
    if row is None:
        return ()
    # Before its day is believed: an earlier one would hide a talk that is due.
    keys = KnownKeys(require_open(by.keys), subject=client.pk)
    require_attested(row, subject=client.pk, find_key=keys.find)
    if talked is not None and talked >= row.signed_at:
        return ()
    signed = open_record(by=by, client=client, row=row, receipt=receipt)
    return tuple(screen for screen in signed.text.screens if screen.code in signed.to_discuss)


def _marks_made(by: Actor, client: "Client", receipt: Receipt, talked: datetime | None) -> tuple[Screen, ...]:
    """List what is marked in a text that is not signed: nothing but the client's answers tells."""
    version_id = _version_answered(client)
    if version_id is None or Record.objects.filter(client=client, version=version_id).exists():
        return ()
    text = published(Version.objects.get(pk=version_id))
    answers = open_sections(by=by, client=client, text=text, receipt=receipt)
    # An answer carries only its minute, so a tick within that minute counts; the signature would ask again.
    marked = {
        code
        for code, facts in answers.items()
        if facts.check is Check.TO_DISCUSS and (talked is None or minute_of(talked) < facts.at)
    }
    return tuple(screen for screen in text.screens if screen.code in marked)


def _version_answered(client: "Client") -> UUID | None:
    answers = Event.objects.filter(client=client, kind=EventKind.SECTION_DONE)
    # Events of one minute have one time: of two texts answered in it, the newer one came last.
    answers = answers.order_by("-at", "-version__effective_at")
    return answers.values_list("version", flat=True).first()


def _talked_at(client: "Client") -> datetime | None:
    talks = Event.objects.filter(client=client, kind=EventKind.DISCUSSED).order_by("-at")
    return talks.values_list("at", flat=True).first()
