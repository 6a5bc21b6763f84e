"""Clients who come from an earlier list: made as an invitation makes them, without one, and nobody is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from access.acting import Actor, Refusal
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.services.contacts import Contact
from clients.services.inviting import allowed_therapist, contact_readers, make_client
from clients.services.purposes import purpose_of


class AlreadyBrought(Refusal):
    """The form was sent before: its clients are here."""

    message = "This list was brought in already. Nothing was made twice."


@dataclass(frozen=True)
class Newcomers:
    """Whom to bring in, and into whose care. `form` is one filled-in form, sent once."""

    contacts: Sequence[Contact]
    therapist_id: UUID
    form: UUID


def bring_in(*, by: Actor, new: Newcomers, at: datetime) -> list[Client]:
    """Make records of clients, in their order. Belongs inside the caller's transaction: all of them, or none.

    :raises MayNotInvite, NoSuchTherapist: see :mod:`clients.services.inviting`
    :raises AlreadyBrought: this form was sent before
    :raises KeyRefused: somebody who would get the keys is not confirmed
    """
    therapist = allowed_therapist(by=by, therapist_id=new.therapist_id)
    clients = [Client(pk=uuid5(new.form, str(number)), made_at=at) for number in range(len(new.contacts))]
    # Whoever brings somebody into this care waits above, so that the same form, sent twice at once, meets itself here.
    if Client.objects.filter(pk__in=[client.pk for client in clients[:1]]).exists():
        raise AlreadyBrought
    readers = contact_readers(by=by, therapist=therapist)
    for client, contact in zip(clients, new.contacts, strict=True):
        make_client(by=by, client=client, contact=contact, therapist=therapist, readers=readers)
        record(Act.CLIENT_BROUGHT, by=by, target=client, purpose=purpose_of(by), at=at)
    return clients
