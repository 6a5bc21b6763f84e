"""Passing keys on: somebody who holds one gives it to a colleague in care, or to a client who has new keys."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.text import get_text_list

from access.acting import Actor, Refusal, service
from access.states import State
from audit.acts import Act
from audit.services import record
from clients.models import Care, Client
from clients.services.enrolling import identity_is_confirmed
from clients.services.finding import NoSuchClient, care_team, in_care_of, keepers_of
from clients.services.purposes import purpose_of
from keys.context import encode
from keys.errors import NoGrant
from keys.services import (
    Place,
    VaultKind,
    end_loans,
    find_vault,
    holds_for_good,
    key_id_of_holder,
    open_vault,
    require_open,
    vouch_for_holder,
)

if TYPE_CHECKING:
    from access.models import User

# In the order in which pages name them. Process notes are their author's own and never passed on.
CARE_KINDS = (VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD)

_WORDS: Mapping[VaultKind, str] = {
    VaultKind.CONTACT: "name, address and phone",
    VaultKind.SHARED: "what is shared with the client",
    VaultKind.RECORD: "the record",
}


class NoKeyToShare(Refusal):
    """Whoever would pass a key on does not hold it."""

    message = "You do not hold this key yourself yet, so you cannot pass it on. Nothing was shared."


class RecipientChanged(Refusal):
    """Somebody who was ticked, or their keys, or their place in the care team, is not what was on the page."""

    act = Act.KEY_REFUSED
    message = (
        "Somebody you chose, or their keys, changed since the page was shown. Nothing was shared. Please look again."
    )


@dataclass(frozen=True)
class Recipient:
    """Somebody to whom keys may be passed on: a colleague, or the client.

    :param lacks: the vaults whose current key they do not hold
    :param seen: 64 characters that the page carries back: this very person, by this name, with these keys
    """

    user: "User"
    lacks: tuple[VaultKind, ...]
    seen: str
    is_client: bool = False

    @property
    def name(self) -> str:
        return "The client" if self.is_client else self.user.display_name

    @property
    def wants(self) -> str:
        """Name what they lack."""
        return get_text_list([_WORDS[kind] for kind in self.lacks], "and")


@service
@transaction.atomic(durable=True)
def share_keys(*, by: Actor, client: Client, seen: frozenset[str], at: datetime) -> list[Recipient]:
    """Pass on what the recipients who were chosen on the page lack, as far as this person holds it.

    :param seen: of each recipient who was confirmed
    :raises NoSuchClient: no longer in this person's care
    :raises RecipientChanged: not the people or keys that were shown
    :raises NoKeyToShare: this person holds nothing of what they lack
    :raises KeyRefused: somebody's certificate does not hold, or the key to share is not one we can vouch for
    """
    client = lock_in_care(by=by, client=client)
    chosen = [recipient for recipient in recipients_of(by=by, client=client) if recipient.seen in seen]
    if {recipient.seen for recipient in chosen} != seen:
        raise RecipientChanged(client)
    for recipient in chosen:
        _share(by, client, recipient, at)
    return chosen


def recipients_of(*, by: Actor, client: Client) -> list[Recipient]:
    """List everybody else who ought to hold the keys of this care, whether or not they do."""
    recipients = [recipient_of(user, client) for user in care_team(client) if user != by.user]
    # Until somebody saw them use it, whoever took up the new invitation gets nothing that was shared before.
    if client.user is not None and identity_is_confirmed(by=by, client=client):
        recipients.append(recipient_of(client.user, client))
    return recipients


def recipient_of(user: "User", client: Client | None) -> Recipient:
    """Say what somebody lacks, from rows alone: whose key it really is, is asked when it is passed on."""
    key_id, is_client = key_id_of_holder(user.pk), client is not None and user == client.user
    seen = hashlib.sha256(encode("recipient-seen/v1", user.pk, user.display_name, key_id)).hexdigest()
    return Recipient(user, _lacks(key_id, client, is_client=is_client) if client else (), seen, is_client)


def _lacks(key_id: bytes, client: Client, *, is_client: bool) -> tuple[VaultKind, ...]:
    kinds = (VaultKind.SHARED,) if is_client else CARE_KINDS
    made = [place for kind in kinds if find_vault(place := Place(kind, client.pk))]
    # What is lent for a time is not theirs to keep, nor to pass on.
    return tuple(place.kind for place in made if not holds_for_good(key_id=key_id, place=place))


def sharers_for(*, therapist: "User", client: Client) -> "list[User]":
    """List who in care could pass on something that a therapist lacks: theirs is the press that is waited for."""
    lacks = recipient_of(therapist, client).lacks
    team = [user for user in care_team(client) if user != therapist and user.state == State.ACTIVE]
    return [user for user in team if any(holds(holder=user.pk, kind=kind, client=client) for kind in lacks)]


def keepers_for(*, therapist: "User", client: Client) -> "list[User]":
    """List who keeps the record since the therapy ended, and could pass on something that a therapist lacks."""
    lacks = recipient_of(therapist, client).lacks
    keepers = [user for user in keepers_of(client) if user != therapist and user.state == State.ACTIVE]
    return [user for user in keepers if any(holds(holder=user.pk, kind=kind, client=client) for kind in lacks)]


def pass_keys(
    *,
    by: Actor,
    client: Client,
    recipient: Recipient,
    kinds: tuple[VaultKind, ...],
    at: datetime,
    until: datetime | None = None,
) -> None:
    """Wrap these keys to a recipient whose certificate holds. Belongs inside the caller's transaction.

    Keys that were lent to them for a time make way.

    :param until: when these end by themselves, of keys that are lent
    :raises NoKeyToShare: this person does not hold one of them
    :raises KeyRefused: see :func:`share_keys`
    """
    subject = client.pk if recipient.is_client else None
    to = vouch_for_holder(by=require_open(by.keys), holder=recipient.user.pk, subject=subject)
    for kind in kinds:
        place = Place(kind, client.pk)
        end_loans(by=by.keys, place=place, holder=recipient.user.pk, at=at)
        try:
            open_vault(by=by.keys, place=place).grant(to, at=at, until=until)
        except NoGrant as error:
            raise NoKeyToShare(client) from error


def lock_in_care(*, by: Actor, client: Client) -> Client:
    """Let one request at a time change who holds the keys of a client in this person's care.

    :raises NoSuchClient: the care has ended, perhaps in another window
    """
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if not in_care_of(by).filter(client=locked).exists():
        raise NoSuchClient(client)
    return locked


def holds(*, holder: UUID, kind: VaultKind, client: Client) -> bool:
    """Say whether somebody's current keys are among those that open one of a client's vaults, and go on doing so."""
    return holds_for_good(key_id=key_id_of_holder(holder), place=Place(kind, client.pk))


def _share(by: Actor, client: Client, recipient: Recipient, at: datetime) -> None:
    # A form sent twice finds nothing left to pass on.
    if not recipient.lacks:
        return
    kinds = tuple(kind for kind in recipient.lacks if holds(holder=by.user.pk, kind=kind, client=client))
    if not kinds:
        raise NoKeyToShare(client)
    pass_keys(by=by, client=client, recipient=recipient, kinds=kinds, at=at)
    care = Care.objects.filter(client=client, therapist=recipient.user, ended_at=None).first()
    record(Act.KEY_SHARED, by=by, target=care or client, purpose=purpose_of(by), fields=kinds, at=at)
