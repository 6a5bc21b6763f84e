"""The end of a colleague's account: it lets nobody in, its address is forgotten, and the name stays."""

import os
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from access.acting import Actor, Refusal, service
from access.models import Invitation, User
from access.roles import Role
from access.services.equipping import end_way_in
from access.services.mailing import mail_notice
from access.services.passphrases import address_of_account
from access.services.withdrawing import withdraw_left_behind
from access.states import State
from audit.actors import Named


class NobodyToEnd(Refusal):
    """A client, somebody who left already or is not here yet."""

    message = "There is no colleague here whose account you can end. Nothing was changed."


class OwnAccount(Refusal):
    """So that somebody always remains who manages the practice."""

    message = "Nobody ends their own account: another manager does. Nothing was changed."


class NoManagerAnyMore(Refusal):
    """Whoever asked lost their own account, or that role, since the page was shown."""

    message = "You are not a manager of this practice any more. Nothing was changed."


@service
def find_leaver(*, by: Actor, user_id: UUID) -> User:
    """Find a colleague whose account this person may end.

    :raises NobodyToEnd, OwnAccount: see there
    """
    return _leaver(by, user_id, User.objects.all())


def lock_leaver(*, by: Actor, user_id: UUID) -> User:
    """Find them for good, and let no other end, and no new care of theirs, happen meanwhile.

    :raises NoManagerAnyMore: of two managers who end each other one comes second, and is gone
    :raises NobodyToEnd, OwnAccount: see there
    """
    rows = User.objects.select_for_update().filter(pk__in=[by.user.pk, user_id]).order_by("pk")
    locked = {user.pk: user for user in rows}
    managers = User.objects.filter(state=State.ACTIVE, roles_held__role=Role.MANAGER)
    if not managers.filter(pk=by.user.pk).exists():
        raise NoManagerAnyMore(by.user)
    return _leaver(by, user_id, User.objects.filter(pk__in=locked))


def close_account(user: User, *, client_ids: Collection[UUID], at: datetime) -> list[Invitation]:
    """End an account: sessions, second factors, verifier and address go. Belongs inside the caller's transaction.

    :param client_ids: whom they ever cared for: an invitation sealed then may count on their keys
    :returns: the invitations that were withdrawn, theirs and those that they had made
    """
    address = address_of_account(user)
    withdrawn = withdraw_left_behind(leaver=user, client_ids=client_ids, at=at)
    end_way_in(user)
    # Nothing finds the account by its address any more, so that a fresh invitation may use it.
    gone = {"email_lookup": os.urandom(32), "sealed_email": b"", "password": ""}
    User.objects.filter(pk=user.pk).update(state=State.ENDED, ended_at=at, factor_removed_at=None, **gone)
    transaction.on_commit(lambda: mail_notice(address))
    return withdrawn


def _leaver(by: Actor, user_id: UUID, among: QuerySet[User]) -> User:
    if user_id == by.user.pk:
        raise OwnAccount(by.user)
    here = among.filter(is_staff_member=True, state__in=[State.ACTIVE, State.WAITING])
    user = here.filter(pk=user_id).prefetch_related("roles_held").first()
    if user is None:
        raise NobodyToEnd(Named("access.user", user_id))
    return user
