"""Restricted records: kept from managers, who then neither hold a key nor learn that there is a client."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_people, staff_with
from access.services.withdrawing import withdraw_from_client
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.services.covers import covers_of
from clients.services.finding import care_team, keepers_of
from clients.services.inviting import MayNotHide, may_hide
from clients.services.purposes import purpose_of
from clients.services.sharing import holds, lock_in_care
from clients.services.supervised import end_supervised
from clients.services.units import has_restricted_member, is_part_of_known
from keys.errors import KeyRefused
from keys.services import (
    Kind,
    Place,
    VaultKind,
    end_loans,
    holders_of,
    holds_for_good,
    let_expire,
    open_vault,
    require_open,
    take_back,
    vouch_for_holder,
)


class ContactNotHeld(Refusal):
    """Managers would lose what nobody who cares for the client has."""

    message = (
        "You do not hold the key to name and address yourself yet, so you cannot take it from others. "
        "Nothing was changed."
    )


class BelongsToKnown(Refusal):
    """Managers could read in another record's name who this client is."""

    message = (
        "This client belongs to a couple, family or group in your care that managers know of. Keep that record from "
        "managers first. Nothing was changed."
    )


class RestrictedMember(Refusal):
    """A unit that managers know of is no place for somebody who is kept from them."""

    message = "Somebody who belongs here is kept from managers, and so this record stays so too. Nothing was changed."


@service
@transaction.atomic(durable=True)
def restrict_record(*, by: Actor, client: Client, at: datetime) -> None:
    """Keep a client from managers: their keys are taken back, and no list, count or log of theirs has the client.

    An open invitation ends too, since whoever made it has link and code. Asked twice, nothing more happens.

    :raises MayNotHide: the practice's setting does not allow it
    :raises NoSuchClient: no longer in this person's care
    :raises ContactNotHeld, BelongsToKnown: see there
    """
    if not may_hide(by=by):
        raise MayNotHide(client)
    client = lock_in_care(by=by, client=client)
    if client.hidden:
        return
    if not holds(holder=by.user.pk, kind=VaultKind.CONTACT, client=client):
        raise ContactNotHeld(client)
    if is_part_of_known(by=by, client=client):
        raise BelongsToKnown(client)
    _hide(client, hidden=True)
    # What is to be known to the care team alone, its therapist gives to a supervisor knowingly, or not.
    end_supervised(client, by=by, at=at)
    _take_from_outsiders(by, client, at)
    withdrawn = withdraw_from_client(subject=client.pk, at=at)
    for act in (Act.CLIENT_RESTRICTED, *([Act.INVITATION_WITHDRAWN] if withdrawn else [])):
        record(act, by=by, target=client, purpose=purpose_of(by), at=at)


@service
@transaction.atomic(durable=True)
def lift_restriction(*, by: Actor, client: Client, at: datetime) -> None:
    """Let managers know of a client again, and give them the key to name and address. The setting may have changed.

    A manager whose keys nobody confirmed yet is given it when that happens. Asked twice, nothing more happens.

    :raises NoSuchClient: no longer in this person's care
    :raises RestrictedMember: see there
    :raises KeysError: this person holds no key to the contact, or not one we can vouch for
    """
    lock_people(manager.pk for manager in staff_with(Role.MANAGER))
    client = lock_in_care(by=by, client=client)
    if not client.hidden:
        return
    if has_restricted_member(client):
        raise RestrictedMember(client)
    _hide(client, hidden=False)
    vault = open_vault(by=by.keys, place=_contact(client))
    for manager in staff_with(Role.MANAGER):
        try:
            reader = vouch_for_holder(by=require_open(by.keys), holder=manager.pk)
        except KeyRefused:
            continue
        if not holds_for_good(key_id=reader.key_id, place=vault.place):
            end_loans(by=by.keys, place=vault.place, holder=manager.pk, at=at)
            vault.grant(reader, at=at)
    record(Act.CLIENT_UNRESTRICTED, by=by, target=client, purpose=purpose_of(by), at=at)


def _take_from_outsiders(by: Actor, client: Client, at: datetime) -> None:
    """Take the contact from everybody on the staff who neither cares nor keeps; a cover ends with its time."""
    place, carers = _contact(client), {user.pk for user in (*care_team(client), *keepers_of(client))}
    covering = {cover.colleague_id: cover.ends_at for cover in covers_of(client, at=at)}
    for holder in _staff_holding(place) - carers:
        if holder in covering:
            let_expire(by=by.keys, place=place, holder=holder, expires_at=covering[holder], at=at)
        else:
            take_back(by=by.keys, place=place, holder=holder, at=at)


def _staff_holding(place: Place) -> set[UUID]:
    # A manager too who holds none now: a restore may keep an old key of theirs aside.
    held = {row.holder for row in holders_of(place) if row.holder and row.kind is Kind.STAFF}
    return held | {manager.pk for manager in staff_with(Role.MANAGER)}


def _hide(client: Client, *, hidden: bool) -> None:
    client.hidden = hidden
    client.save(update_fields=["hidden"])


def _contact(client: Client) -> Place:
    return Place(VaultKind.CONTACT, client.pk)
