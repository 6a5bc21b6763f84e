"""Taking invitations back: the link is dead at once, and what was begun on it, or said where it went, is gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from access.acting import Actor, Refusal, service
from access.models import Invitation, InvitationQuerySet, KeySession, User
from access.models.devices import BackupCodes, MailedCodeDevice, TotpDevice
from access.states import State
from audit.actors import Named
from audit.acts import Act
from audit.services import record
from keys.services import discard_identity, discard_successor


class NothingToWithdraw(Refusal):
    """Used, withdrawn already, or never made."""

    message = "There is no open invitation any more. Nothing was changed."


@dataclass(frozen=True)
class Invitee:
    """A colleague to be. `id` is what their account would have; `until` is missing once the link works no more."""

    id: UUID
    display_name: str
    roles: tuple[str, ...]
    until: datetime | None


@service
@transaction.atomic(durable=True)
def withdraw_from_staff(*, by: Actor, holder: UUID, at: datetime) -> None:
    """Withdraw the invitation of a colleague to be.

    :param holder: the id that their account would have
    :raises NothingToWithdraw: they set up their account meanwhile, or somebody was faster
    """
    rows = _withdraw(Invitation.objects.filter(holder=holder, subject__isnull=True), at)
    if not rows:
        raise NothingToWithdraw(Named("access.user", holder))
    record(Act.INVITATION_WITHDRAWN, by=by, target=rows[0], at=at)


def withdraw_unused(*, holder: UUID, at: datetime) -> None:
    """Withdraw the unused invitations of somebody who works here. Belongs inside the caller's transaction."""
    _withdraw(Invitation.objects.filter(holder=holder, subject__isnull=True), at)


def withdraw_from_client(*, subject: UUID, at: datetime) -> bool:
    """Withdraw a client's unused invitations. Belongs inside the caller's transaction. Says whether there were any."""
    return bool(_withdraw(Invitation.objects.filter(subject=subject), at))


def withdraw_left_behind(*, leaver: User, client_ids: Collection[UUID], at: datetime) -> list[Invitation]:
    """Withdraw what somebody who leaves made or was sent, and what was made for these clients.

    Whoever made an invitation has its link and code; and whoever takes up one that counts on keys which ended is stuck.
    Belongs inside the caller's transaction.
    """
    theirs = Q(made_by=leaver) | Q(holder=leaver.pk) | Q(subject__in=client_ids)
    return _withdraw(Invitation.objects.filter(theirs), at)


def invited_staff(*, at: datetime) -> list[Invitee]:
    """List by name the colleagues who have not used their invitation, lapsed ones too."""
    unused = Invitation.objects.unused().filter(subject__isnull=True)
    works = set(unused.working(at).values_list("pk", flat=True))
    return [
        Invitee(row.holder, row.display_name, tuple(row.roles), row.expires_at if row.pk in works else None)
        for row in unused.order_by("display_name", "made_at")
    ]


def remove_unfinished(row: Invitation) -> None:
    """Remove what was begun on an invitation, account and keys, so that opening the link starts over."""
    discard_successor(holder=row.holder)
    unfinished = User.objects.filter(pk=row.holder, state=State.ENROLLING).first()
    if unfinished is None:
        return
    for kind in (TotpDevice, MailedCodeDevice, BackupCodes):
        kind.objects.filter(user=unfinished).delete()
    discard_identity(holder=unfinished.pk)
    KeySession.objects.filter(user=unfinished).delete()
    # Who has a role had finished once, and was setting up anew: what they did back then is still theirs.
    if not unfinished.roles_held.exists():
        unfinished.delete()


def _withdraw(chosen: InvitationQuerySet, at: datetime) -> list[Invitation]:
    # Locked: an account that is being finished this moment either counts, or is gone with its link.
    rows = list(chosen.unused().select_for_update())
    chosen_ids = [row.pk for row in rows]
    # What was begun on one of several invitations may have been begun on another, which stays open.
    holders = Invitation.objects.unused().exclude(pk__in=chosen_ids).values_list("holder", flat=True)
    still_invited = set(holders.filter(holder__in=[row.holder for row in rows]))
    for row in rows:
        if row.holder not in still_invited:
            remove_unfinished(row)
    blank = {"sealed_invitation": b"", "sealed_email": b"", "display_name": ""}
    Invitation.objects.filter(pk__in=chosen_ids).update(withdrawn_at=at, **blank)
    return rows
