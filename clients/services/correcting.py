"""Putting right what was mistyped: a new link and code, none at all, or another name, address or phone."""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.services.inviting import Letter, make_invitation, open_until
from access.services.withdrawing import NothingToWithdraw, withdraw_from_client
from audit.acts import Act
from audit.services import record, record_look
from clients.models import Client
from clients.services.answering import lock_known
from clients.services.contacts import Contact, read_contact, seal_contact
from clients.services.finding import care_team
from clients.services.inviting import guest_of, require_may_invite
from clients.services.purposes import purpose_of
from keys.services import Place, VaultKind, open_vault


class AlreadyEnrolled(Refusal):
    """There is nothing to renew: the client has an account."""

    message = "This client has set up their account already. They can simply sign in."


class NoAddress(Refusal):
    """A client who was brought in by phone number alone has nothing to sign in with yet."""

    message = "There is no e-mail address, and the client signs in with one. Please add it under the contact first."


class ContactChanged(Refusal):
    """The form was about a contact that has been replaced meanwhile, perhaps by the same form."""

    message = (
        "These details were changed a moment ago, by you or a colleague. Nothing more was changed now. "
        "If a link and code were made, they were shown once; if nobody kept them, make new ones below."
    )


@dataclass(frozen=True)
class KnownContact:
    """A contact as it stands. `state` is 64 characters that tell this very row from any later one."""

    client: Client
    contact: Contact
    state: str


@dataclass(frozen=True)
class Correction:
    """What a form says a contact should be. `seen` is the state it was filled in from, `form` the form itself."""

    contact: Contact
    seen: str
    form: UUID


@service
def know_contact(*, by: Actor, client: Client, at: datetime) -> KnownContact:
    """Open a contact in order to change it, or to write to it; the look stands in the log first.

    :raises MayNotInvite: the practice leaves this to managers
    :raises KeysError: no key, or not one we can vouch for
    """
    require_may_invite(by=by, client=client)
    receipt = record_look(Act.CLIENT_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    return KnownContact(client, read_contact(by=by, client=client, receipt=receipt), state_of(client))


@service
@transaction.atomic(durable=True)
def correct_contact(*, by: Actor, known: KnownContact, correction: Correction, at: datetime) -> Letter | None:
    """Replace a contact. Another address ends the link that went to the old one, and a new one is made for it.

    The account that a client has set up keeps the address they sign in with.

    :returns: the new link and code, if an invitation was open and its address changed
    :raises ContactChanged: the contact is not the one the form was filled in from
    """
    client, typed = lock_client(by=by, client=known.client), correction.contact
    new = replace(known.contact, name=typed.name, address=typed.address, phone=typed.phone)
    if {known.state, correction.seen} != {state_of(client)}:
        raise ContactChanged(client)
    changed = _changed(known.contact, new)
    if not changed:
        return None
    client.sealed_contact = seal_contact(open_vault(by=by.keys, place=_place(client)), client, new)
    client.save(update_fields=["sealed_contact"])
    record(Act.CLIENT_CHANGED, by=by, target=client, purpose=purpose_of(by), fields=changed, at=at)
    if "address" not in changed:
        return None
    # A lapsed one goes too: its row still knows where it was sent. Who has an account is invited again on purpose only.
    was_open = client.user_id is None and open_until(subject=client.pk, at=at) is not None
    _withdraw(by, client, at)
    return _invite(by, client, new, correction.form, at) if was_open else None


@service
@transaction.atomic(durable=True)
def renew_invitation(*, by: Actor, known: KnownContact, form: UUID, at: datetime) -> Letter:
    """Withdraw what was sent and make a new link and code, for the address on record.

    :raises AlreadyEnrolled: the client has an account
    :raises NobodysAccount: nobody signs in as several people
    :raises AlreadyInvited: this form was sent before
    :raises ContactChanged: the address was corrected this moment
    :raises NoAddress: see there
    """
    client = lock_client(by=by, client=known.client)
    _require_no_account(client)
    if not known.contact.address and not client.is_unit:
        raise NoAddress(client)
    if known.state != state_of(client):
        raise ContactChanged(client)
    _withdraw(by, client, at)
    return _invite(by, client, known.contact, form, at)


@service
@transaction.atomic(durable=True)
def withdraw_invitation(*, by: Actor, client: Client, at: datetime) -> None:
    """Withdraw what was sent: link and code open nothing any more, and what was begun with them is gone.

    :raises MayNotInvite, AlreadyEnrolled, NothingToWithdraw: see there
    """
    require_may_invite(by=by, client=client)
    client = lock_client(by=by, client=client)
    _require_no_account(client)
    if not _withdraw(by, client, at):
        raise NothingToWithdraw(client)


def lock_client(*, by: Actor, client: Client) -> Client:
    """Lock a client's row for the rest of the caller's transaction, and read it as it is now.

    :raises NoSuchClient: meanwhile no longer theirs to know of, such as kept from managers
    """
    # The client's last step of enrolling locks the same row: one of the two finds that the other was first.
    return lock_known(by=by, client=client)


def _require_no_account(client: Client) -> None:
    if client.user_id is not None:
        raise AlreadyEnrolled(client)


def _withdraw(by: Actor, client: Client, at: datetime) -> bool:
    withdrawn = withdraw_from_client(subject=client.pk, at=at)
    if withdrawn:
        record(Act.INVITATION_WITHDRAWN, by=by, target=client, purpose=purpose_of(by), at=at)
    return withdrawn


def _invite(by: Actor, client: Client, contact: Contact, form: UUID, at: datetime) -> Letter:
    letter = make_invitation(by=by, guest=guest_of(by, client, contact, care_team(client), form=form), at=at)
    record(Act.CLIENT_INVITED, by=by, target=client, purpose=purpose_of(by), at=at)
    return letter


def _changed(old: Contact, new: Contact) -> list[str]:
    before, after = asdict(old), asdict(new)
    return sorted(name for name in before if before[name] != after[name])


def state_of(client: Client) -> str:
    """Name this very writing of the contact: 64 characters."""
    # Sealing the same words again gives other bytes, so that the hash names one writing and tells nothing of it.
    return hashlib.sha256(bytes(client.sealed_contact)).hexdigest()


def _place(client: Client) -> Place:
    return Place(VaultKind.CONTACT, client.pk)
