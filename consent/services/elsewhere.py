"""A signature from before this practice kept its records here: it carries notes for a time, and is not one of ours."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid5

from access.acting import Actor, Refusal
from access.services.people import the_practice
from audit.acts import Act
from audit.services import record
from clients.services.purposes import purpose_of
from consent.kinds import EventKind
from consent.models import Event

if TYPE_CHECKING:
    from clients.models import Client


class NobodySignsForThem(Refusal):
    """A paper of several people is nobody's signature here: each of them brings their own."""

    message = "Nobody signs for several people. Each of them signs for themselves. Nothing was changed."


def note_signed_elsewhere(*, by: Actor, clients: "Sequence[Client]", at: datetime) -> None:
    """Keep that clients who are brought in had signed elsewhere. Belongs inside the transaction that brings them.

    When, and where the paper is, lies sealed with each contact.

    :raises NobodySignsForThem: see there
    """
    until = ends_at(at)
    for client in clients:
        if client.is_unit:
            raise NobodySignsForThem(client)
        nonce = uuid5(client.pk, EventKind.SIGNED_ELSEWHERE)
        event = Event(client=client, kind=EventKind.SIGNED_ELSEWHERE, nonce=nonce, by=by.user.pk, at=at, until=until)
        event.save(force_insert=True)
        record(Act.CONSENT_ELSEWHERE, by=by, target=event, purpose=purpose_of(by), at=at)


def ends_at(at: datetime) -> datetime:
    """Say until when what is brought in now would carry notes."""
    return at + timedelta(days=the_practice().elsewhere_days)
