"""Inviting a client: record, contact vault, care and link in one request of somebody who may read the contact."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.inviting import Guest, Letter, holder_of_address, make_invitation
from access.services.people import find_staff, lock_people, staff_with, the_practice
from audit.acts import Act
from audit.services import record
from clients.models import Care, Client
from clients.services.contacts import Contact, seal_contact
from clients.services.purposes import purpose_of
from keys.services import Place, VaultKind, Vouched, make_vault, require_open, vouch_for_holder

if TYPE_CHECKING:
    from access.models import User


class MayNotInvite(Refusal):
    """The practice's setting leaves inviting to managers."""

    message = "In this practice, managers invite clients. Please ask one of them."


class NoSuchTherapist(Refusal):
    """Not an active therapist, or not oneself where a therapist invites."""

    message = "Please choose a therapist from the list."


class MayNotHide(Refusal):
    """Only a therapist may keep a record that no manager can see, and only where the setting allows it."""

    message = "In this practice, records are not hidden from managers."


class NobodysAccount(Refusal):
    """A couple, family or group signs in as nobody: each of its members has an account of their own."""

    message = "Nobody signs in as several people. Invite each of them for themselves."


@dataclass(frozen=True)
class NewClient:
    """Whom to invite, into whose care, and whether managers may know. `form` is one filled-in form, sent once."""

    contact: Contact
    therapist_id: UUID
    hidden: bool = False
    form: UUID = field(default_factory=uuid4)


@service
@transaction.atomic(durable=True)
def invite_client(*, by: Actor, new: NewClient, at: datetime) -> tuple[Client, Letter]:
    """Make a client's record and invitation.

    The answer is the same whether or not the address already has an account: else it would tell that somebody is
    a client here.

    :raises MayNotInvite, NoSuchTherapist, MayNotHide: see there
    :raises AlreadyInvited: this form was sent before
    :raises KeyRefused: somebody who would get the key is not confirmed
    """
    therapist = allowed_therapist(by=by, therapist_id=new.therapist_id, hidden=new.hidden)
    client = Client(hidden=new.hidden, made_at=at)
    readers = contact_readers(by=by, therapist=therapist, hidden=new.hidden)
    make_client(by=by, client=client, contact=new.contact, therapist=therapist, readers=readers)
    letter = make_invitation(by=by, guest=guest_of(by, client, new.contact, [therapist], form=new.form), at=at)
    record(Act.CLIENT_INVITED, by=by, target=client, purpose=purpose_of(by), at=at)
    return client, letter


def contact_readers(*, by: Actor, therapist: "User", hidden: bool = False) -> list[Vouched]:
    """Vouch for everybody who gets the key of a new client's contact.

    :raises KeyRefused: one of them is not confirmed
    """
    keyring, managers = require_open(by.keys), [] if hidden else staff_with(Role.MANAGER)
    return [vouch_for_holder(by=keyring, holder=user.pk) for user in {therapist, *managers}]


def make_client(*, by: Actor, client: Client, contact: Contact, therapist: "User", readers: list[Vouched]) -> None:
    """Make a client's row, contact vault and care. Belongs inside the transaction of whoever brings them."""
    at = client.made_at
    vault = make_vault(by=by.keys, place=Place(VaultKind.CONTACT, client.pk), readers=readers, at=at)
    client.sealed_contact = seal_contact(vault, client, contact)
    client.save(force_insert=True)
    care = Care.objects.create(client=client, therapist=therapist, started_at=at)
    record(Act.CARE_STARTED, by=by, target=care, purpose=purpose_of(by), at=at)


def therapists_to_choose(*, by: Actor) -> "list[User]":
    """List into whose care this person may invite: their own, or as a manager anybody's."""
    return staff_with(Role.THERAPIST) if by.role == Role.MANAGER else [by.user]


def may_invite(*, by: Actor, client: Client | None = None) -> bool:
    """Say whether this person may invite clients: managers always, therapists where the setting allows it.

    :param client: who is invited again, or whose contact is put right: where managers know of none, their therapist may
    """
    return by.role == Role.MANAGER or the_practice().therapists_invite or bool(client and client.hidden)


def may_hide(*, by: Actor) -> bool:
    """Say whether this person may keep a record that no manager sees."""
    return by.role == Role.THERAPIST and the_practice().hidden_clients


def require_may_invite(*, by: Actor, client: Client | None = None) -> None:
    """Hold whoever invites, or changes where an invitation goes, to the setting.

    :raises MayNotInvite: the practice leaves it to managers
    """
    if not may_invite(by=by, client=client):
        raise MayNotInvite(client)


def guest_of(by: Actor, client: Client, contact: Contact, team: "list[User]", *, form: UUID) -> Guest:
    """Name the client to :func:`access.services.inviting.make_invitation`.

    :raises KeyRefused: somebody of the care team is not confirmed
    :raises NobodysAccount: see there
    """
    if client.is_unit:
        raise NobodysAccount(client)
    keyring = require_open(by.keys)
    return Guest(
        address=contact.address,
        holder=holder_of_address(contact.address) or uuid4(),
        subject=client.pk,
        care_team=tuple(vouch_for_holder(by=keyring, holder=user.pk).key_id for user in team),
        form=form,
    )


def allowed_therapist(*, by: Actor, therapist_id: UUID, hidden: bool = False) -> "User":
    """Find into whose care somebody new comes, and hold whoever brings them to the settings. In a transaction.

    :raises MayNotInvite, NoSuchTherapist, MayNotHide: see there
    """
    require_may_invite(by=by)
    if hidden and not may_hide(by=by):
        raise MayNotHide
    # Nobody is given a client, nor a key to one, while their account ends.
    lock_people([therapist_id, *(manager.pk for manager in staff_with(Role.MANAGER))])
    therapist = find_staff(therapist_id, role=Role.THERAPIST)
    if therapist is None or (by.role == Role.THERAPIST and therapist != by.user):
        raise NoSuchTherapist
    return therapist
