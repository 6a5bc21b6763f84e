"""Paper instead of the screen: a wish that stays visible to the care team until it is met or taken back."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, service
from audit.acts import Act
from clients.services.finding import clients_of
from consent.kinds import EventKind
from consent.services.ceremony import AlreadySigned
from consent.services.deciding import state_of, states_of
from consent.services.events import Happening, lock_client, write_event
from consent.timeline import Status

if TYPE_CHECKING:
    from clients.models import Client


@service
@transaction.atomic(durable=True)
def choose_paper(*, by: Actor, client: "Client", wants: bool, nonce: UUID, at: datetime) -> None:
    """Keep that the client wants the form on paper, or the screen after all. Choosing the same again adds nothing.

    :raises AlreadySigned: there is nothing left to sign on paper
    """
    lock_client(by=by, client=client)
    standing = state_of(client=client, at=at)
    if wants and standing.state.status is Status.SIGNED:
        raise AlreadySigned(client)
    if standing.wants_paper == wants:
        return
    happening = (
        Happening(EventKind.PAPER_ASKED, Act.CONSENT_PAPER_ASKED, nonce=nonce)
        if wants
        else Happening(EventKind.PAPER_DROPPED, Act.CONSENT_PAPER_DROPPED, nonce=nonce)
    )
    write_event(by=by, client=client, happening=happening, at=at)


def paper_wishes(*, by: Actor, at: datetime) -> "list[Client]":
    """List whom this person may know of and who waits for the form on paper, by code: no name is opened for it."""
    asked = clients_of(by).filter(consent_events__kind=EventKind.PAPER_ASKED).distinct().order_by("code")
    standings = states_of(clients=list(asked), at=at)
    return [client for client in asked if standings[client.pk].wants_paper]
