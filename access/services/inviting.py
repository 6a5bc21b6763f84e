"""Invitations: made in the inviter's own request, opened with link and short code, used once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import F

from access.acting import Actor, Refusal, service
from access.models import INVITATION_TRIES, Invitation, RoleHeld, User
from access.roles import Role
from access.services.addresses import look_up, open_address, seal_address
from access.services.mailing import mail_invitation
from audit.actors import Nobody
from audit.acts import Act
from audit.services import record
from keys.errors import WrongPassphrase
from keys.services import (
    InvitationSeeds,
    Invited,
    Token,
    draw_short_code,
    issue_invitation,
    open_invitation,
    require_open,
    seal_invitation,
)

TRIES = INVITATION_TRIES


class InvitationGone(Refusal):
    """Used, expired, withdrawn, tried too often, or never made: all the same to who asks."""

    act = Act.INVITATION_REFUSED
    message = "This link no longer works. Links work once and for seven days. Please ask your practice for a new one."


class WrongCode(Refusal):
    """Not the code that belongs to the link."""

    act = Act.INVITATION_REFUSED
    message = "That is not the code for this link. Please check it with the person who gave it to you."


class AlreadyInvited(Refusal):
    """The same form came twice: link and code were shown with the first answer, and nothing keeps them."""

    message = "This invitation was made already. Its link and code were shown once; if nobody kept them, make new ones."

    def __init__(self, row: Invitation) -> None:
        super().__init__(row)
        self.subject = row.subject


@dataclass(frozen=True, repr=False)
class Letter:
    """What the inviter hands over, by two ways: the link (mail or QR code) and the code (by voice). Shown once."""

    invitation: UUID
    token: str
    code: str
    mailed: bool


@dataclass(frozen=True)
class Guest:
    """Whom an invitation is for. `subject` and `care_team` belong to clients, `display_name` and `roles` to staff.

    `form` is one filled-in form, drawn with its page: sent twice, it makes one invitation. `renews` is for a client who
    has an account and lost their keys.
    """

    address: str
    holder: UUID
    display_name: str = ""
    roles: tuple[Role, ...] = ()
    subject: UUID | None = None
    care_team: tuple[bytes, ...] = ()
    form: UUID = field(default_factory=uuid4)
    renews: bool = False


@service
@transaction.atomic(durable=True)
def invite_staff(
    *, by: Actor, name: str, address: str, roles: tuple[Role, ...], form: UUID | None = None, at: datetime
) -> Letter:
    """Invite a colleague. The answer is the same whether or not the address is known here.

    :raises AlreadyInvited: this form was sent before
    """
    guest = Guest(address=address, holder=uuid4(), display_name=name, roles=roles, form=form or uuid4())
    letter = make_invitation(by=by, guest=guest, at=at)
    record(Act.STAFF_INVITED, by=by, target=Invitation.objects.get(pk=letter.invitation), at=at)
    return letter


def make_invitation(*, by: Actor, guest: Guest, at: datetime) -> Letter:
    """Draw link and code and store what only both together open. Belongs inside the caller's transaction.

    For a client, a one-time key inside the invitation may certify exactly that client, and the inviter signs so.

    :raises AlreadyInvited: this form was sent before
    """
    keyring = require_open(by.keys)
    row = Invitation(id=_meet_itself(by, guest.form), holder=guest.holder, subject=guest.subject, made_at=at)
    row.made_by = by.user
    row.expires_at = at + timedelta(days=settings.INVITATION_DAYS)
    row.display_name, row.roles = guest.display_name, [role.value for role in guest.roles]
    row.sealed_email = seal_address(guest.address, row=row.id)
    seeds = InvitationSeeds.fresh() if guest.subject else None
    token, code = Token.fresh(), draw_short_code()
    invited = Invited(keyring.root_id, guest.holder, guest.subject, guest.care_team, seeds, guest.renews)
    row.lookup = token.lookup
    row.sealed_invitation = seal_invitation(invited, token=token, code=code, invitation=row.id)
    row.save(force_insert=True)
    if seeds and guest.subject:
        issue_invitation(
            by=keyring,
            seeds=seeds,
            invitation=row.id,
            holder=guest.holder,
            subject=guest.subject,
            at=at,
            until=row.expires_at,
        )
    mailed = mail_invitation(guest.address, token.text)
    return Letter(row.id, token.text, code, mailed)


def find_invitation(*, token: str, at: datetime) -> Invitation:
    """Find an invitation that still works, by its link. Says nothing about whom it is for.

    :raises InvitationGone: it does not
    """
    try:
        lookup = Token.from_text(token).lookup
    except WrongPassphrase as error:
        raise InvitationGone from error
    row = Invitation.objects.working(at).filter(lookup=lookup).first()
    if row is None:
        raise InvitationGone
    return row


def open_until(*, subject: UUID, at: datetime) -> datetime | None:
    """Say until when an unused invitation of a client works; none, if none does."""
    return Invitation.objects.working(at).filter(subject=subject).values_list("expires_at", flat=True).first()


def invited_subjects(*, at: datetime) -> frozenset[UUID]:
    """Say for which clients an invitation works."""
    rows = Invitation.objects.working(at).filter(subject__isnull=False)
    return frozenset(subject for subject in rows.values_list("subject", flat=True) if subject)


def traces_of_invitations(subjects: Iterable[UUID]) -> set[UUID]:
    """List the ids of these clients' invitations, used and withdrawn ones too, and of whom they were for."""
    rows = Invitation.objects.filter(subject__in=subjects).values_list("pk", "holder")
    return {one for row in rows for one in row}


@service
def open_with_code(
    *,
    by: Nobody,  # noqa: ARG001 (`service` records refusals as theirs)
    token: str,
    code: str,
    at: datetime,
) -> tuple[Invitation, Invited]:
    """Open an invitation with link and code, as an act of its own; see :func:`try_code`."""
    return try_code(token=token, code=code, at=at)


def try_code(*, token: str, code: str, at: datetime) -> tuple[Invitation, Invited]:
    """Open an invitation with link and code. The try is counted before anything is derived.

    :raises InvitationGone: the link does not work, five codes were wrong, or the row is not the one that was sealed
    :raises WrongCode: not this code
    """
    row = find_invitation(token=token, at=at)
    if not Invitation.objects.filter(pk=row.pk, tries__lt=TRIES).update(tries=F("tries") + 1):
        raise InvitationGone(row)
    try:
        invited = open_invitation(row.sealed_invitation, token=Token.from_text(token), code=code, invitation=row.id)
    except WrongPassphrase as error:
        raise WrongCode(row) from error
    # Person and client are the sealed ones; a row that names others was written by somebody else.
    if (invited.holder, invited.subject) != (row.holder, row.subject):
        raise InvitationGone(row)
    Invitation.objects.filter(pk=row.pk).update(tries=0)
    return row, invited


def consume_invitation(*, user: User, subject: UUID | None, at: datetime) -> Invitation:
    """Use up the invitation somebody enrolled with, inside the transaction that makes the account count.

    :param subject: the client it was for; none for a colleague. One person may hold invitations of several records.
    :raises InvitationGone: it was used or withdrawn meanwhile
    """
    unused = Invitation.objects.unused().filter(holder=user.pk, subject=subject)
    row = unused.first()
    # The account keeps the address from now on: one place less that could tell it.
    if row is None or not unused.filter(pk=row.pk).update(used_at=at, sealed_invitation=b"", sealed_email=b""):
        raise InvitationGone
    return row


def give_roles(user: User, roles: tuple[Role, ...]) -> None:
    """Give roles to a new account."""
    # By the person, who then no longer has the roles of before at hand.
    user.roles_held.add(*(RoleHeld(role=role.value) for role in roles), bulk=False)


def address_of(row: Invitation) -> str:
    """Open the address an invitation was made for."""
    return open_address(row.sealed_email, row=row.pk)


def holder_of_address(address: str) -> UUID | None:
    """Find the client account of an address, so that a second invitation joins it. Never shown to the inviter."""
    return (
        User.objects.filter(email_lookup=look_up(address), is_staff_member=False).values_list("pk", flat=True).first()
    )


def _meet_itself(by: Actor, form: UUID) -> UUID:
    """Turn a form into the id of what it makes. From the inviter too, so that nobody can ask for a foreign id."""
    # One person's forms wait for each other: of two at once, the later one finds what the first one made.
    User.objects.select_for_update().get(pk=by.user.pk)
    made = uuid5(by.user.pk, str(form))
    before = Invitation.objects.filter(pk=made).first()
    if before is not None:
        raise AlreadyInvited(before)
    return made
