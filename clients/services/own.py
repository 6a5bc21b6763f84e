"""A client's own records of this practice: one as a rule, several where one account took up several invitations."""

from collections import Counter
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime

from access.acting import Actor
from access.services.people import name_of_practice
from clients.models import Client
from clients.services.finding import carers_of, clients_of
from clients.services.returning import waits_for_own_key


@dataclass(frozen=True)
class OwnRecord:
    """One record of the client who asks.

    :param name: what tells it from the client's others, such as "Dana Whitlock"; empty where it is the only one
    :param waits: whether the client has new keys, and nobody has shared what is here with them yet
    """

    client: Client
    name: str
    waits: bool


def own_records(*, by: Actor) -> list[OwnRecord]:
    """List the records of the client who asks, the oldest first."""
    clients = list(clients_of(by).order_by("made_at"))
    names = _names(clients) if len(clients) > 1 else [""] * len(clients)
    return [
        OwnRecord(client, name, waits_for_own_key(by=by, client=client))
        for client, name in zip(clients, names, strict=True)
    ]


def name_of_record(*, by: Actor, client: Client) -> str:
    """Return what tells a record from the client's others, for the pages of that record."""
    return next((own.name for own in own_records(by=by) if own.client == client), "")


def _names(clients: list[Client]) -> list[str]:
    """Name each record by who looks after the client there, and by its beginning where that tells too little."""
    carers = carers_of(clients)
    names = [get_text_list(carers[client.pk], "and") or name_of_practice() for client in clients]
    times = Counter(names)
    return [
        f"{name}, since {date_format(localtime(client.made_at), 'j F Y, H:i')}" if times[name] > 1 else name
        for name, client in zip(names, clients, strict=True)
    ]
