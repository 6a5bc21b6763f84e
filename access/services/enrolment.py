"""Enrolling: a passphrase makes the keys, and only the end uses the invitation up. Between them: `factors`."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from access.acting import Actor, Refusal, service
from access.models import Invitation, KeySession, User
from access.models.devices import BackupCodes, TotpDevice
from access.roles import Role
from access.services.addresses import look_up, seal_address
from access.services.factors import require_app
from access.services.inviting import address_of, consume_invitation, give_roles, try_code
from access.services.key_sessions import OpenSession, open_session
from access.services.passphrases import Chosen, check_passphrase_strength
from access.services.people import name_of_practice
from access.services.recovery_codes import FIRST_ASKED_AFTER, note_typed, require_opens
from access.services.renewing import begin_anew
from access.services.withdrawing import remove_unfinished
from access.states import State
from audit.actors import Nobody
from audit.acts import Act
from audit.services import record
from keys.services import (
    LOCKED,
    draw_recovery_code,
    make_identity,
    require_open,
)


class AddressTaken(Refusal):
    """The address already belongs to an account. Whoever holds link and code learns this: whoever invited, too."""

    act = Act.INVITATION_REFUSED
    message = "You already have a page here. Please sign in to it first, then open the link again."


@service
def begin_enrolment(*, by: Nobody, token: str, code: str, passphrase: str, at: datetime) -> OpenSession:
    """Make the invited person's keys in their own request. Opening the link again starts over.

    :raises PassphraseTooWeak: see :func:`check_passphrase_strength`
    :raises InvitationGone, WrongCode: see :func:`try_code`
    :raises AddressTaken: the address has an account already
    """
    check_passphrase_strength(passphrase)
    row, invited = try_code(token=token, code=code, at=at)
    # Once more, with what the link alone does not tell: a refusal before the code would confirm guesses at it.
    check_passphrase_strength(passphrase, about=(row.display_name, address_of(row), name_of_practice()))
    chosen = Chosen.derive(passphrase)
    with transaction.atomic(durable=True):
        user = begin_anew(row.holder, chosen, at=at) if invited.renews else _make_user(row, chosen, at=at)
        keys = make_identity(holder=user.pk, kek=chosen.kek, root_id=invited.root_id, at=at, invited=invited.to_bytes())
        TotpDevice.begin(user.pk)
        opened = open_session(user=user, keys=keys, at=at)
        actor = Actor(user, Role.ENROLLING, LOCKED, opened.id, by.origin)
        record(Act.INVITATION_TRIED, by=actor, target=row, at=at)
    return opened


@service
@transaction.atomic(durable=True)
def show_recovery_codes(*, by: Actor, at: datetime) -> tuple[str, list[str]]:
    """Draw the personal recovery code and the backup codes; asking again replaces both.

    :raises FactorMissing: the app comes first, else the backup codes alone would be the second factor
    """
    require_app(by)
    code = draw_recovery_code(require_open(by.keys))
    backup = BackupCodes.print_for(by.user.pk)
    record(Act.RECOVERY_CODE_SET, by=by, target=by.user, at=at)
    return code, backup


@service
@transaction.atomic(durable=True)
def finish_staff_enrolment(*, by: Actor, typed: str, at: datetime) -> OpenSession:
    """Finish once the recovery code was retyped and opens the keys: from now on the person waits to be confirmed.

    :raises WrongRecoveryCode: it does not open them
    :raises FactorMissing: the app was not confirmed
    """
    require_app(by)
    require_opens(by, typed)
    note_typed(by.user, ask_at=at + FIRST_ASKED_AFTER)
    row = consume_invitation(user=by.user, subject=None, at=at)
    give_roles(by.user, tuple(Role(role) for role in row.roles))
    opened = settle(by, State.WAITING, at=at)
    record(Act.ENROLLED, by=by, target=by.user, at=at)
    return opened


def settle(by: Actor, state: State, *, at: datetime) -> OpenSession:
    """Move an account on; its session is sealed anew without the opened invitation."""
    User.objects.filter(pk=by.user.pk).update(state=state)
    by.user.state = state
    KeySession.objects.filter(user=by.user).delete()
    return open_session(user=by.user, keys=replace(require_open(by.keys), invited=b""), at=at)


def _make_user(row: Invitation, chosen: Chosen, *, at: datetime) -> User:
    remove_unfinished(row)
    address = address_of(row)
    user = User(
        id=row.holder,
        email_lookup=look_up(address),
        sealed_email=seal_address(address, row=row.holder),
        display_name=row.display_name,
        is_staff_member=row.subject is None,
        state=State.ENROLLING,
        password=chosen.verifier,
        made_at=at,
    )
    if User.objects.filter(email_lookup=user.email_lookup).exists():
        raise AddressTaken(row)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AddressTaken(row) from error
    return user
