"""A colleague leaves: care, keys and account end in one act, and somebody else goes on holding every key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from access.acting import Actor, Refusal, service
from access.services.leaving import close_account, find_leaver, lock_leaver
from audit.acts import Act
from audit.services import record
from clients.models import Care, Client
from clients.models.cover import Cover
from clients.models.training import Supervised
from clients.services.covers import close_covers
from clients.services.ending import NobodyElseHolds, can_end, end_and_tell, let_go
from clients.services.supervising import end_supervisions_of
from clients.services.wills import end_wills_of
from keys.errors import KeyRefused, SoleHolder
from keys.services import end_keys, held_alone, require_open

if TYPE_CHECKING:
    from access.models import User


# Whom somebody cares for, and whose record they keep since the therapy ended: neither may be left to nobody.
_ANSWERS = Q(ended_at=None) | Q(keeps_record=True)


class OnlyHolder(Refusal):
    """Records would be shut for good. Which, the page lists by code as far as managers know of them."""

    message = (
        "Nobody else holds the keys of some of their clients, so the account stays as it is. "
        "Have these clients handed over first. Nothing was changed."
    )


class NobodyWouldBelieve(Refusal):
    """The manager's own keys may certify nobody, and so revoke nobody."""

    act = Act.KEY_REFUSED
    message = (
        "Your own keys are not confirmed, so nobody would believe that you ended somebody else’s. "
        "Have another manager confirm you first. Nothing was changed."
    )


@dataclass(frozen=True)
class Leaving:
    """What the end of an account would mean, from rows alone.

    :param codes: of the clients whose keys nobody else holds; empty, and nothing stands in the way, unless `unnamed`
    :param unnamed: there are such clients besides whom managers are not shown
    :param cared_for: how many clients known to managers are in this person's care
    """

    user: "User"
    codes: list[str]
    unnamed: bool
    cared_for: int

    @property
    def is_possible(self) -> bool:
        return not self.codes and not self.unnamed


def prepare_leaving(*, by: Actor, user_id: UUID) -> Leaving:
    """Say what the end of a colleague's account would mean; nothing is opened or changed.

    :raises NobodyToEnd, OwnAccount: see :func:`access.services.leaving.find_leaver`
    """
    user = find_leaver(by=by, user_id=user_id)
    cares = _cares(user)
    alone = Client.objects.filter(pk__in=_left_to_nobody(user, cares))
    known = alone.filter(hidden=False).order_by("code").values_list("code", flat=True)
    cared_for = sum(care.ended_at is None and not care.client.hidden for care in cares)
    return Leaving(user, list(known), unnamed=alone.filter(hidden=True).exists(), cared_for=cared_for)


@service
@transaction.atomic(durable=True)
def end_account(*, by: Actor, user_id: UUID, at: datetime) -> "User":
    """End a colleague's account for good. Coming back is a fresh invitation, with other keys.

    Process notes stay closed for good, or to the practice recovery key where their author chose that.

    :raises NobodyToEnd, OwnAccount, NoManagerAnyMore: see :mod:`access.services.leaving`
    :raises OnlyHolder: somebody's record would be left to nobody
    :raises NobodyWouldBelieve: this manager's own keys certify nobody
    """
    user = lock_leaver(by=by, user_id=user_id)
    end_wills_of(user, by=by, at=at)
    end_supervisions_of(user, by=by, at=at)
    for client in _lock_clients(user):
        close_covers(client, by=by, at=at, colleague=user)
    try:
        for care in _cares(user):
            if care.keeps_record:
                let_go(care, by=by, at=at)
            else:
                end_and_tell(by=by, care=care, at=at)
        end_keys(by=require_open(by.keys), holder=user.pk, at=at)
    except (NobodyElseHolds, SoleHolder) as error:
        raise OnlyHolder(user) from error
    except KeyRefused as error:
        raise NobodyWouldBelieve(user) from error
    ever = Care.objects.filter(therapist=user).values_list("client", flat=True)
    withdrawn = close_account(user, client_ids=set(ever), at=at)
    invited = Client.objects.filter(pk__in=[row.subject for row in withdrawn])
    for target in [*invited, *(row for row in withdrawn if row.subject is None)]:
        record(Act.INVITATION_WITHDRAWN, by=by, target=target, at=at)
    record(Act.STAFF_LEFT, by=by, target=user, at=at)
    return user


def _lock_clients(user: "User") -> list[Client]:
    # Whoever hands one of them over meanwhile is done before this goes on, or finds the care ended.
    theirs = Q(pk__in=Care.objects.filter(_ANSWERS, therapist=user).values("client"))
    covered = Q(pk__in=Cover.objects.filter(colleague=user, ended_at=None).values("client"))
    read = Q(pk__in=Supervised.objects.filter(supervision__supervisor=user, ended_at=None).values("client"))
    return list(Client.objects.select_for_update().filter(theirs | covered | read).order_by("pk"))


def _cares(user: "User") -> list[Care]:
    now = Care.objects.filter(_ANSWERS, therapist=user)
    return list(now.select_related("client", "therapist").order_by("started_at"))


def _left_to_nobody(user: "User", cares: Collection[Care]) -> set[UUID]:
    alone = {place.subject for place in held_alone(holder=user.pk)}
    return alone.union(care.client_id for care in cares if not can_end(care))
