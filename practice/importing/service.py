"""Bringing a list of clients in: all who can be, in one transaction, or nobody."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from access.acting import Actor, service
from clients.services.bringing import Newcomers, bring_in
from consent.services.elsewhere import note_signed_elsewhere

if TYPE_CHECKING:
    from clients.models import Client


@service
@transaction.atomic(durable=True)
def bring_clients(*, by: Actor, new: Newcomers, at: datetime) -> "list[Client]":
    """Make the records of clients from an earlier list. Nobody is mailed, and nothing alarms.

    :returns: the clients, in the order of the list
    :raises MayNotInvite, NoSuchTherapist, AlreadyBrought: see :func:`clients.services.bringing.bring_in`
    :raises KeyRefused: somebody who would get the keys is not confirmed
    """
    clients = bring_in(by=by, new=new, at=at)
    signed = [client for client, contact in zip(clients, new.contacts, strict=True) if contact.signed_on]
    note_signed_elsewhere(by=by, clients=signed, at=at)
    return clients
