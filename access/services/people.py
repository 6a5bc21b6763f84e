"""Who works here, and the practice itself."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from access.acting import Actor, service
from access.models import Invitation, Practice, RoleHeld, User
from access.models.devices import MailedCodeDevice
from access.roles import Role
from access.services.addresses import look_up, open_address
from access.services.mailing import mail_code
from access.services.throttling import CODES_SENT, PER_NETWORK, count_try
from access.states import State
from audit.actors import Nobody
from audit.acts import Act
from audit.services import record
from keys.prepared import Prepared


def the_practice() -> Practice:
    """Return the practice of this installation.

    :raises Practice.DoesNotExist: it was not set up yet
    """
    return Practice.objects.get(pk=1)


def name_of_practice() -> str:
    """Return the practice's name, or nothing before it was set up."""
    return _name.first() or ""


@Prepared
def _name() -> QuerySet[Practice, str]:
    return Practice.objects.filter(pk=1).values_list("name", flat=True)


def is_set_up() -> bool:
    """Say whether this installation has a practice."""
    return Practice.objects.exists()


def staff_with(role: Role) -> list[User]:
    """List the active people who hold a role."""
    return list(User.objects.filter(state=State.ACTIVE, roles_held__role=role).order_by("display_name"))


def all_staff() -> list[User]:
    """List everybody on the staff with their roles at hand; who left comes last."""
    staff = User.objects.filter(is_staff_member=True).prefetch_related("roles_held")
    return list(staff.order_by(F("ended_at").asc(nulls_first=True), "display_name"))


def find_staff(user_id: UUID, *, role: Role) -> User | None:
    """Find an active person with a role."""
    return User.objects.filter(pk=user_id, state=State.ACTIVE, roles_held__role=role).first()


def lock_staff(user_id: UUID, *, role: Role) -> User | None:
    """Find an active person with a role, whose account nobody ends until the caller's transaction is over.

    Taken before the lock of a client, as whoever ends an account does.
    """
    rows = User.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=user_id, state=State.ACTIVE, roles_held__role=role).first()


def lock_people(user_ids: Iterable[UUID]) -> None:
    """Let nobody end these accounts until the caller's transaction is over; then look at them again.

    Taken before the lock of a client, as whoever ends an account does.
    """
    rows = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(user_ids))
    # In one order, so that two who lock the same people do not wait for each other for ever.
    list(rows.order_by("pk").values_list("pk", flat=True))


def find_user(user_id: UUID) -> User | None:
    """Find anybody by id, whatever their state, with their roles at hand: a request asks for these several times."""
    user = _user.first(user_id=user_id)
    if user is not None:
        user.roles_at_hand = frozenset(_roles.all(user_id=user_id))
    return user


@Prepared
def _user(user_id: UUID) -> QuerySet[User]:
    return User.objects.filter(pk=user_id)


@Prepared
def _roles(user_id: UUID) -> QuerySet[RoleHeld, str]:
    return RoleHeld.objects.filter(user=user_id).values_list("role", flat=True)


def names_of_staff(user_ids: set[UUID]) -> dict[UUID, str]:
    """Look up display names, for pages of the log."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "display_name"))


def names_of_invited(invitation_ids: set[UUID]) -> dict[UUID, str]:
    """Look up whom invitations of colleagues were made for; a withdrawn one has forgotten it."""
    rows = Invitation.objects.filter(pk__in=invitation_ids, subject__isnull=True).exclude(display_name="")
    return dict(rows.values_list("pk", "display_name"))


def unfinished_role(user: User) -> Role | None:
    """Say what an account acts as that is not finished, or that lost something which has to be set up anew first."""
    if user.state == State.ENROLLING:
        return Role.ENROLLING
    if user.is_returning:
        return Role.RETURNING
    return Role.WAITING if user.state == State.WAITING else None


def roles_of(user: User) -> frozenset[Role]:
    """Say which roles somebody may act in now: an unfinished account has no other than that."""
    if unfinished := unfinished_role(user):
        return frozenset({unfinished})
    held = user.roles_at_hand
    return frozenset(map(Role, held if held is not None else (row.role for row in user.roles_held.all())))


@service
def send_sign_in_code(*, by: Nobody, address: str, at: datetime) -> None:
    """Mail a sign-in code to a client who uses their mailbox; the page answers alike for every address.

    :raises Throttled: five codes in a quarter of an hour, or sixty tries from this network
    """
    count_try(PER_NETWORK, by.origin.net, at=at)
    count_try(CODES_SENT, address, at=at)
    user = User.objects.filter(email_lookup=look_up(address), state=State.ACTIVE).first()
    device = MailedCodeDevice.objects.filter(user=user, confirmed=True).first() if user else None
    if user is None or device is None:
        return
    with transaction.atomic(durable=True):
        code = device.draw()
        record(Act.CODE_SENT, by=by, target=user, at=at)
    mail_code(open_address(user.sealed_email, row=user.pk), code)


SETTINGS = frozenset(
    {
        *("therapists_invite", "hidden_clients", "keep_years", "elsewhere_days"),
        *("phone", "emergency_number", "crisis_line"),
    }
)


@transaction.atomic(durable=True)
def change_settings(*, by: Actor, changes: dict[str, object], at: datetime) -> None:
    """Change settings of the practice; the log names the fields, never the values.

    :raises ValueError: a fact that is fixed when a practice is made, such as whether it is a demo
    """
    if changes.keys() - SETTINGS:
        raise ValueError("not a setting")
    Practice.objects.filter(pk=1).update(**changes)
    record(Act.SETTING_CHANGED, by=by, target=Practice.objects.get(pk=1), fields=sorted(changes), at=at)
