"""A professional will: a therapist names a custodian for the day they cannot act, who says yes or no."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.mailing import mail_asked, mail_news
from access.services.passphrases import address_of_account
from access.services.people import lock_staff
from access.states import State
from audit.actors import Named
from audit.acts import Act
from audit.services import Receipt, record, record_look
from clients.models.custody import Will
from clients.sealed import bind_wishes
from clients.services.handing import colleagues_for
from clients.services.sharing import RecipientChanged
from clients.services.taking_back import end_releases
from keys.services import (
    OpenVault,
    Place,
    VaultKind,
    find_vault,
    make_vault,
    open_vault,
    require_open,
    vouch_for_holder,
)

if TYPE_CHECKING:
    from access.models import User


class NoSuchWill(Refusal):
    """Withdrawn, answered meanwhile, or not this person's: the same words."""

    message = "There is no such custody any more. Nothing was changed."


@dataclass(frozen=True, repr=False)
class Wishes:
    """What a therapist wants done. Both are sealed together, so that nobody else decides about the second.

    :param hidden_too: whether the custodian is to reach those clients too who are kept from managers
    """

    instructions: str
    hidden_too: bool = False


@service
@transaction.atomic(durable=True)
def name_custodian(*, by: Actor, seen: str, wishes: Wishes, at: datetime) -> Will:
    """Name a colleague as custodian, or change what the one who is named is to do. It gives nobody a key.

    Another custodian ends the will before, with everything that was released by it. The same one stays as they are.

    :param seen: of the colleague who was confirmed on the page, see :class:`clients.services.sharing.Recipient`
    :raises RecipientChanged: the colleague or their keys are not what was shown
    :raises KeyRefused: the colleague's certificate does not hold
    """
    chosen = next((recipient.user for recipient in colleagues_for(by=by) if recipient.seen == seen), None)
    if chosen is None:
        raise RecipientChanged(by.user)
    # In one order for everybody, and as whoever ends an account does.
    both = [lock_staff(user_id, role=Role.THERAPIST) for user_id in sorted([chosen.pk, by.user.pk])]
    if None in both:
        raise RecipientChanged(by.user)
    vouch_for_holder(by=require_open(by.keys), holder=chosen.pk)
    will = will_of(by.user)
    if will is not None and will.custodian != chosen:
        end_will(will, by=by, at=at)
        will = None
    if will is None:
        will = Will(therapist=by.user, custodian=chosen, named_at=at)
        tell([chosen], mail_asked)
    named = will.accepted_at is None and will.named_at == at
    will.changed_at = at
    will.sealed_wishes = _own_vault(by, at).seal(json.dumps(asdict(wishes)), bound_to=bind_wishes(will))
    will.save()
    record(Act.CUSTODY_NAMED if named else Act.CUSTODY_CHANGED, by=by, target=will.custodian, at=at)
    return will


@service
@transaction.atomic(durable=True)
def withdraw_will(*, by: Actor, at: datetime) -> None:
    """Withdraw one's will. What was released by it ends, and keys that were given are taken back.

    :raises NoSuchWill: there is none
    """
    will = lock_will(therapist=by.user)
    end_will(will, by=by, at=at)
    record(Act.CUSTODY_WITHDRAWN, by=by, target=will.custodian, at=at)


@service
@transaction.atomic(durable=True)
def answer_will(*, by: Actor, will_id: UUID, accepts: bool, at: datetime) -> Will:
    """Say yes or no to being somebody's custodian; who said yes may say no later. The therapist is told.

    :raises NoSuchWill: withdrawn meanwhile, answered so already, or not this person's
    """
    will = lock_will(pk=will_id, custodian=by.user)
    if accepts:
        if will.accepted_at is not None:
            raise NoSuchWill(will.therapist)
        will.accepted_at = at
        will.save(update_fields=["accepted_at"])
    else:
        end_will(will, by=by, at=at)
    tell([will.therapist], mail_news)
    record(Act.CUSTODY_ACCEPTED if accepts else Act.CUSTODY_DECLINED, by=by, target=will.therapist, at=at)
    return will


def end_will(will: Will, *, by: Actor, at: datetime) -> None:
    """End a will and all that was released by it, and forget its wishes. Belongs inside the caller's transaction."""
    end_releases(will, by=by, at=at)
    will.ended_at, will.sealed_wishes = at, b""
    will.save(update_fields=["ended_at", "sealed_wishes"])
    tell([user for user in (will.custodian, will.therapist) if user != by.user], mail_news)


def end_wills_of(user: "User", *, by: Actor, at: datetime) -> None:
    """End the wills of somebody whose account ends, theirs and those that name them. In the caller's transaction."""
    for found in [*standing_wills(therapist=user), *standing_wills(custodian=user)]:
        will = lock_will(pk=found.pk)
        end_will(will, by=by, at=at)
        record(Act.CUSTODY_LAPSED, by=by, target=will.therapist, at=at)


def read_own_wishes(*, by: Actor, at: datetime) -> Wishes | None:
    """Open what one laid down oneself, for the page that changes it; the look stands in the log first."""
    will = will_of(by.user)
    if will is None:
        return None
    receipt = record_look(Act.CUSTODY_WISHES_READ, by=by, target=by.user, at=at)
    return unseal_wishes(by=by, will=will, receipt=receipt)


def unseal_wishes(*, by: Actor, will: Will, receipt: Receipt) -> Wishes:
    """Open what a will says, for whoever holds the therapist's own vault.

    :raises SealBroken: it was altered, or another custodian stands in the row than the one who was named
    :raises KeysError: no key, or not one we can vouch for
    """
    receipt.covers(will.therapist_id)
    vault = open_vault(by=by.keys, place=Place(VaultKind.WILL, will.therapist_id))
    return Wishes(**json.loads(vault.unseal(will.sealed_wishes, bound_to=bind_wishes(will), receipt=receipt)))


def will_of(therapist: "User") -> Will | None:
    """Find a therapist's will that stands."""
    return next(iter(standing_wills(therapist=therapist)), None)


def lock_will(**which: "User | UUID") -> Will:
    """Find a will that stands, and let one request at a time go on with it.

    :raises NoSuchWill: there is none
    """
    # Who is locked is the will, not the people in it: they go on signing in.
    rows = Will.objects.select_for_update(of=("self",)).select_related("therapist", "custodian")
    will = rows.filter(ended_at=None, **which).first()
    if will is None:
        asked = which.get("pk")
        raise NoSuchWill(Named("clients.will", asked) if isinstance(asked, UUID) else None)
    return will


def named_by(by: Actor) -> list[Will]:
    """List the wills that name this person as custodian."""
    return standing_wills(custodian=by.user)


def tell(users: "Iterable[User]", mail: Callable[[str], bool]) -> None:
    """Mail people who can still sign in, once the change is kept."""
    for user in users:
        if user.state == State.ACTIVE:
            address = address_of_account(user)
            transaction.on_commit(lambda address=address: mail(address))  # type: ignore[misc]  # bound per turn


def standing_wills(**which: "User") -> list[Will]:
    """List the wills that stand, by whom they are or whom they name."""
    rows = Will.objects.filter(ended_at=None, **which).select_related("therapist", "custodian")
    return list(rows.order_by("named_at"))


def _own_vault(by: Actor, at: datetime) -> OpenVault:
    place = Place(VaultKind.WILL, by.user.pk)
    if find_vault(place) is None:
        return make_vault(by=by.keys, place=place, at=at)
    return open_vault(by=by.keys, place=place)
