"""A client who forgot their passphrase: a fresh link for the same person, who comes back with new keys."""

from dataclasses import dataclass
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
from clients.services.finding import clients_of
from clients.services.purposes import purpose_of
from clients.services.sharing import lock_in_care
from keys.errors import KeyRefused
from keys.services import (
    Place,
    VaultKind,
    awaits_words,
    certify_client_anew,
    fingerprint_of_mine,
    fingerprint_of_row,
    fingerprint_words,
    holds_key,
    require_open,
)


class NobodyToReturn(Refusal):
    """There is no account yet, so there is nothing that could be forgotten."""

    message = "This client has not set up an account yet. Please make a new link and code instead."


class NewKeysChanged(Refusal):
    """Somebody replaced them, or a row of them, since the page was shown; or a colleague was faster."""

    act = Act.KEY_REFUSED
    message = (
        "These keys changed since the page was shown. Nothing was confirmed. Look again, and compare the words anew."
    )


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


@dataclass(frozen=True)
class NewKeys:
    """Keys that a client made in place of others: the words to compare, and the 32-byte hash behind them."""

    words: str
    fingerprint: bytes


def new_keys_of(*, by: Actor, client: Client) -> NewKeys | None:
    """Compute the six words of a client's new keys from the rows, if they wait to be compared."""
    if client.user_id is None or not awaits_words(holder=client.user_id, subject=client.pk):
        return None
    fingerprint = fingerprint_of_row(by=require_open(by.keys), holder=client.user_id)
    return NewKeys(fingerprint_words(fingerprint), fingerprint)


def words_to_read(*, by: Actor) -> str:
    """Compute the six words that a client reads aloud, from their open keys; nothing where none are waited for."""
    waits = any(awaits_words(holder=by.user.pk, subject=client.pk) for client in clients_of(by))
    return fingerprint_of_mine(require_open(by.keys)) if waits else ""


@service
@transaction.atomic(durable=True)
def confirm_new_keys(*, by: Actor, client: Client, seen: bytes, at: datetime) -> None:
    """Vouch for a client's new keys, after comparing six words with them.

    :param seen: the 32-byte fingerprint that was on the page
    :raises NoSuchClient: no longer in this person's care
    :raises NewKeysChanged: the keys are not the ones whose words were shown, or nobody can vouch for this client
    """
    client = lock_in_care(by=by, client=client)
    if client.user_id is None or not awaits_words(holder=client.user_id, subject=client.pk):
        raise NewKeysChanged(client)
    try:
        certify_client_anew(by=require_open(by.keys), holder=client.user_id, subject=client.pk, seen=seen, at=at)
    except KeyRefused as error:
        raise NewKeysChanged(client) from error
    record(Act.CLIENT_IDENTITY_CONFIRMED, by=by, target=client, purpose=purpose_of(by), at=at)


def waits_for_own_key(*, by: Actor, client: Client) -> bool:
    """Say whether a client came back with new keys and nobody has shared their own pages with them yet."""
    return not holds_key(key_id=require_open(by.keys).key_id, place=Place(VaultKind.SHARED, client.pk))
