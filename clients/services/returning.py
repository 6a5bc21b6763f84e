"""A client who forgot their passphrase: a fresh link for the same person, who comes back with new keys."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.services.inviting import Guest, Letter, make_invitation
from access.services.withdrawing import withdraw_from_client
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.services.correcting import ContactChanged, KnownContact, lock_client, state_of
from clients.services.purposes import purpose_of
from keys.services import Place, VaultKind, holds_key, require_open


class NobodyToReturn(Refusal):
    """There is no account yet, so there is nothing that could be forgotten."""

    message = "This client has not set up an account yet. Please make a new link and code instead."


@service
@transaction.atomic(durable=True)
def invite_again(*, by: Actor, known: KnownContact, form: UUID, at: datetime) -> Letter:
    """Make a link and a code with which a client sets up their account anew. Nothing ends before they do.

    They get no key by it: what they signed and asked is shared with them again by whoever holds it.

    :raises NobodyToReturn: the client has no account
    :raises AlreadyInvited: this form was sent before
    :raises ContactChanged: the address was corrected this moment
    """
    client = lock_client(by=by, client=known.client)
    if client.user_id is None:
        raise NobodyToReturn(client)
    if known.state != state_of(client):
        raise ContactChanged(client)
    withdraw_from_client(subject=client.pk, at=at)
    guest = Guest(address=known.contact.address, holder=client.user_id, subject=client.pk, form=form, renews=True)
    letter = make_invitation(by=by, guest=guest, at=at)
    record(Act.CLIENT_INVITED_AGAIN, by=by, target=client, purpose=purpose_of(by), at=at)
    return letter


def waits_for_own_key(*, by: Actor, client: Client) -> bool:
    """Say whether a client came back with new keys and nobody has shared their own pages with them yet."""
    return not holds_key(key_id=require_open(by.keys).key_id, place=Place(VaultKind.SHARED, client.pk))
