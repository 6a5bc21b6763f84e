"""Who is in whose care, and what a new manager may open."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_staff, staff_with
from audit.acts import Act
from audit.services import record
from clients.models import Care, Client
from clients.services.answering import lock_known
from clients.services.covers import close_covers
from clients.services.finding import care_team
from clients.services.inviting import NoSuchTherapist
from clients.services.letters import write_letter
from clients.services.purposes import purpose_of
from clients.services.therapy import take_into_care
from keys.errors import KeysError
from keys.services import (
    Place,
    VaultKind,
    end_loans,
    find_vault,
    holds_for_good,
    holds_key,
    key_id_of_holder,
    open_vault,
    open_vaults,
    require_open,
    vouch_for_holder,
)

if TYPE_CHECKING:
    from access.models import User


class AlreadyInCare(Refusal):
    """The therapist has this client in their care already."""

    message = "This client is already in this therapist's care."


@service
@transaction.atomic(durable=True)
def start_care(*, by: Actor, client: Client, therapist_id: UUID, at: datetime) -> Care:
    """Put a client in a therapist's care. The manager shares what the manager holds: the contact, never the record.

    :raises NoSuchTherapist, AlreadyInCare: see there
    :raises NoSuchClient: kept from managers meanwhile
    :raises KeyRefused: the therapist is not confirmed
    """
    therapist = lock_staff(therapist_id, role=Role.THERAPIST)
    if therapist is None:
        raise NoSuchTherapist(client)
    client = lock_known(by=by, client=client)
    if Care.objects.filter(client=client, therapist=therapist, ended_at__isnull=True).exists():
        raise AlreadyInCare(client)
    care = take_into_care(client, therapist, at=at)
    place = Place(VaultKind.CONTACT, client.pk)
    reader = vouch_for_holder(by=require_open(by.keys), holder=therapist.pk)
    # What they held to cover was lent with a reason asked each time; what comes with care, a holder passes on anew.
    close_covers(client, by=by, at=at, colleague=therapist)
    if not holds_for_good(key_id=reader.key_id, place=place):
        end_loans(by=by.keys, place=place, holder=therapist.pk, at=at)
        open_vault(by=by.keys, place=place).grant(reader, at=at)
    write_letter(by=by, client=client, text=f"{therapist.display_name} looks after you too, from now on.", at=at)
    record(Act.CARE_STARTED, by=by, target=care, purpose=purpose_of(by), at=at)
    return care


def therapists_to_add(client: Client) -> "list[User]":
    """List the therapists who do not have this client in their care."""
    team = care_team(client)
    return [user for user in staff_with(Role.THERAPIST) if user not in team]


def waits_for_key(*, therapist: "User", client: Client) -> bool:
    """Say whether a therapist in care still lacks the key of the record, or of what is shared with the client."""
    key_id = key_id_of_holder(therapist.pk)
    made = [place for kind in (VaultKind.RECORD, VaultKind.SHARED) if find_vault(place := Place(kind, client.pk))]
    return not all(holds_for_good(key_id=key_id, place=place) for place in made)


def grant_contacts(*, by: Actor, user: "User", at: datetime) -> None:
    """Give a new manager the contacts that the confirming manager holds. Belongs inside the caller's transaction."""
    clients = list(Client.objects.filter(hidden=False))
    reader = vouch_for_holder(by=require_open(by.keys), holder=user.pk)
    vaults = open_vaults(by=by.keys, kind=VaultKind.CONTACT, subjects=[client.pk for client in clients])
    for vault in vaults.values():
        if not isinstance(vault, KeysError) and not holds_key(key_id=reader.key_id, place=vault.place):
            vault.grant(reader, at=at)
