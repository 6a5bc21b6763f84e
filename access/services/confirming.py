"""Confirming a new colleague: two people compare six words, then one certifies the other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from access.acting import Actor, Refusal, service
from access.models import User
from access.roles import Role
from access.states import State
from audit.actors import Named
from audit.acts import Act
from audit.services import record
from keys.errors import KeyRefused
from keys.services import (
    certify_staff,
    fingerprint_of_mine,
    fingerprint_of_row,
    fingerprint_words,
    require_open,
    revoke_retired,
    waiting_for_confirmation,
)


class FingerprintChanged(Refusal):
    """The keys are not the ones that were on the page."""

    act = Act.KEY_REFUSED
    message = (
        "The keys or roles of this person changed since the page was shown. "
        "Nothing was confirmed. Compare the words again."
    )


class ChainTooLong(Refusal):
    """Whom this manager certifies would be too far from the root for clients to be believed."""

    act = Act.KEY_REFUSED
    message = (
        "Your own keys are too many steps away from the practice’s root, so nobody would believe what you confirm. "
        "Nothing was confirmed. Have another manager confirm this person, or give them new keys with the printed "
        "recovery sheets: People, then “Passphrase and code”."
    )


class NobodyWaits(Refusal):
    """Confirmed already, or never enrolled."""

    message = "This person is not waiting to be confirmed any more. Nothing was changed."


@dataclass(frozen=True)
class Newcomer:
    """Somebody waiting to be confirmed, as the manager sees them: name, roles, and the words to compare.

    `fingerprint` is what the confirming POST carries: 32 bytes of the keys, and one that says if a manager was shown.
    """

    id: UUID
    display_name: str
    roles: tuple[str, ...]
    words: str
    fingerprint: bytes


def newcomers(*, by: Actor) -> list[Newcomer]:
    """List who waits to be confirmed, with words computed from the rows and my own pinned root."""
    keys = require_open(by.keys)
    found = []
    for user in _waiting().order_by("display_name").prefetch_related("roles_held"):
        fingerprint = fingerprint_of_row(by=keys, holder=user.pk)
        roles = tuple(row.role for row in user.roles_held.all())
        shown = fingerprint + _rank(is_manager=Role.MANAGER in roles)
        found.append(Newcomer(user.pk, user.display_name, roles, fingerprint_words(fingerprint), shown))
    return found


def count_newcomers() -> int:
    """Count who waits to be confirmed."""
    return _waiting().count()


def my_words(*, by: Actor) -> str:
    """Compute the six words I read aloud, from my open keys and my pinned root, never from rows."""
    return fingerprint_of_mine(require_open(by.keys))


def words_to_read(*, by: Actor) -> str:
    """Compute the six words of somebody who works here and whose new keys wait; nothing where none do."""
    waits = by.user.is_staff_member and waiting_for_confirmation().filter(holder=by.user.pk).exists()
    return my_words(by=by) if waits else ""


@service
@transaction.atomic(durable=True)
def confirm_staff(
    *, by: Actor, user_id: UUID, seen: bytes, grant_contacts: Callable[[User], None], at: datetime
) -> None:
    """Certify a colleague whose words matched; a manager then gets the contact grants.

    :param seen: the fingerprint that was on the page, 33 bytes
    :param grant_contacts: what the layer above does for a new manager, in the same transaction
    :raises FingerprintChanged: the rows changed meanwhile
    :raises ChainTooLong: see there
    :raises NobodyWaits: somebody was confirmed already
    """
    user = _waiting().select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NobodyWaits(Named("access.user", user_id))
    is_manager = user.roles_held.filter(role=Role.MANAGER).exists()
    # Managers may certify others: a role slipped in after the page was shown counts as a change.
    if seen[32:] != _rank(is_manager=is_manager):
        raise FingerprintChanged(user)
    try:
        certify_staff(by=require_open(by.keys), holder=user.pk, seen=seen[:32], may_certify=is_manager, at=at)
    except KeyRefused as error:
        raise (ChainTooLong if error.reason == "chain_too_long" else FingerprintChanged)(user) from error
    revoke_retired(by=require_open(by.keys), holder=user.pk, at=at)
    User.objects.filter(pk=user.pk).update(state=State.ACTIVE)
    if is_manager:
        grant_contacts(user)
    record(Act.STAFF_CONFIRMED, by=by, target=user, at=at)


def _waiting() -> QuerySet[User]:
    # Somebody who replaced their keys goes on reading what is theirs, and is vouched for again like a newcomer.
    again = Q(state=State.ACTIVE, is_staff_member=True, pk__in=waiting_for_confirmation())
    return User.objects.filter(Q(state=State.WAITING) | again)


def _rank(*, is_manager: bool) -> bytes:
    return bytes([is_manager])
