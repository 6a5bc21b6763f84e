"""The end of a client's enrolment, and what follows in the room."""

from datetime import datetime

from django.db import transaction
from django_otp.models import Device

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.enrolment import settle
from access.services.factors import confirm_factor, count_factor_try
from access.services.inviting import consume_invitation, give_roles, try_code
from access.services.key_sessions import OpenSession
from access.states import State
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.services.purposes import purpose_of
from keys.services import (
    Invited,
    Place,
    Trust,
    VaultKind,
    awaits_words,
    certify_by_invitation,
    confirm_client,
    is_confirmed,
    make_vault,
    require_open,
    vouch_for_current,
)


class NotInvited(Refusal):
    """The session carries no opened invitation of a client."""

    message = "Please open your invitation link again."


class NoAccount(Refusal):
    """There is no key to vouch for yet."""

    message = "This client has not set up their account yet. There is nothing to confirm."


@service
def finish_enrolment(*, by: Actor, code: str, at: datetime) -> tuple[OpenSession, Device]:
    """Confirm the second factor, take the client's place, and use the invitation up.

    :raises WrongFactor, Throttled: not the newest code; too many codes
    :raises NotInvited: the session carries no opened invitation
    :raises KeyRefused: a reader, or the root, is not one we can vouch for
    """
    keyring = require_open(by.keys)
    if not keyring.invited:
        raise NotInvited(by.user)
    count_factor_try(by=by, at=at)
    with transaction.atomic(durable=True):
        device = confirm_factor(by=by, code=code, at=at)
        _take_up(by, Invited.from_bytes(keyring.invited), at)
        opened = settle(by, State.ACTIVE, at=at)
    return opened, device


@service
def join_record(*, by: Actor, token: str, code: str, at: datetime) -> Client:
    """Take up one more invitation with the account a client has already.

    :raises InvitationGone, WrongCode: see :func:`access.services.inviting.try_code`
    :raises NotInvited: the invitation is for somebody else
    :raises KeyRefused: a reader, or the root, is not one we can vouch for
    """
    _, invited = try_code(token=token, code=code, at=at)
    if invited.holder != by.user.pk:
        raise NotInvited(by.user)
    with transaction.atomic(durable=True):
        return _take_up(by, invited, at)


def _take_up(by: Actor, invited: Invited, at: datetime) -> Client:
    if invited.renews:
        client = _come_back(by, invited, at)
    else:
        client = _take_place(by, invited, at)
        if not by.user.roles_held.exists():
            give_roles(by.user, (Role.CLIENT,))
    record(Act.CLIENT_RETURNED if invited.renews else Act.CLIENT_ENROLLED, by=by, target=client, at=at)
    return client


def _come_back(by: Actor, invited: Invited, at: datetime) -> Client:
    """Certify the client's new keys for a record they have. The vault stays as it is: who holds it shares it again."""
    client = _certify(by, invited, at)
    consume_invitation(user=by.user, subject=client.pk, at=at)
    return client


def _certify(by: Actor, invited: Invited, at: datetime) -> Client:
    if invited.seeds is None or invited.subject is None:
        raise NotInvited(by.user)
    client = Client.objects.select_for_update().get(pk=invited.subject)
    if client.user != (by.user if invited.renews else None):
        raise NotInvited(client)
    seeds, keyring = invited.seeds, require_open(by.keys)
    certify_by_invitation(by=keyring, root_id=invited.root_id, seeds=seeds, subject=client.pk, at=at)
    return client


def _take_place(by: Actor, invited: Invited, at: datetime) -> Client:
    """Certify the client's keys for this record and make its `shared` vault.

    The readers are the care team of the *sealed* invitation, each vouched for: who writes the database changes neither.
    """
    keyring, trust = require_open(by.keys), Trust(invited.root_id)
    client = _certify(by, invited, at)
    readers = [vouch_for_current(trust, key_id) for key_id in invited.care_team]
    make_vault(by=keyring, place=Place(VaultKind.SHARED, client.pk), readers=readers, at=at)
    consume_invitation(user=by.user, subject=client.pk, at=at)
    client.user = by.user
    client.save(update_fields=["user"])
    return client


@service
@transaction.atomic(durable=True)
def confirm_identity(*, by: Actor, client: Client, at: datetime) -> None:
    """Vouch, after seeing the client, that the enrolled key is theirs."""
    if client.user is None:
        raise NoAccount(client)
    confirm_client(by=require_open(by.keys), holder=client.user.pk, subject=client.pk, at=at)
    record(Act.CLIENT_IDENTITY_CONFIRMED, by=by, target=client, purpose=purpose_of(by), at=at)


def identity_is_confirmed(*, by: Actor, client: Client) -> bool:
    """Say whether a colleague has vouched for the client's key.

    :raises KeyRefused: the client's own certificate does not hold
    """
    if client.user is None or awaits_words(holder=client.user.pk, subject=client.pk):
        return False
    return is_confirmed(by=require_open(by.keys), holder=client.user.pk, subject=client.pk)
