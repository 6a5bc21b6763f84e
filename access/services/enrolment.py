"""Enrolling: a passphrase makes the keys, and only the end uses the invitation up. Between them: `factors`."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from access.acting import Actor, Refusal, service
from access.devices import BackupCodes, TotpDevice
from access.guessing import find_weakness
from access.models import Invitation, KeySession, User
from access.roles import Role
from access.services.addresses import look_up, seal_address
from access.services.factors import require_app
from access.services.inviting import address_of, consume_invitation, give_roles, try_code
from access.services.key_sessions import OpenSession, open_session
from access.services.people import name_of_practice
from access.services.withdrawing import remove_unfinished
from access.states import State
from audit.actors import Nobody
from audit.acts import Act
from audit.services import record
from keys.errors import WrongPassphrase
from keys.services import (
    LOCKED,
    Parameters,
    draw_recovery_code,
    encode_verifier,
    make_identity,
    open_with_recovery_code,
    require_open,
    split,
)

# Django's own words speak of passwords.
_WEAK = {
    "password_too_short": "Please use at least 14 characters. Six words are easy to keep.",
    "password_too_common": "Lists of stolen passwords hold this one. Please choose another.",
}
_SOON_GUESSED = (
    "This one would soon be guessed: {}. Please take the six drawn words, or at least four words of your own that do "
    "not belong together."
)


class PassphraseTooWeak(Refusal):
    """Too short, too common or too easy to guess."""

    act = Act.INVITATION_REFUSED

    def __init__(self, reasons: list[str]) -> None:
        super().__init__()
        self.message = " ".join(reasons)


class WrongRecoveryCode(Refusal):
    """The code was not retyped as printed."""

    act = Act.SIGN_IN_FAILED
    message = "That is not the code that was shown. Please compare it with what you wrote down."


class AddressTaken(Refusal):
    """The address already belongs to an account; only the invited person learns this."""

    act = Act.INVITATION_REFUSED
    message = "You already have a page here. Please sign in to it first, then open the link again."


def check_passphrase_strength(passphrase: str, *, about: Collection[str] = ()) -> None:
    """Accept at least 14 characters that are no common password and would not soon be guessed.

    :param about: names and addresses of this person
    :raises PassphraseTooWeak: with the reasons in plain words
    """
    try:
        validate_password(passphrase)
    except ValidationError as error:
        codes = {str(reason.code) for reason in error.error_list}
        raise PassphraseTooWeak([words for code, words in _WEAK.items() if code in codes]) from error
    if weakness := find_weakness(passphrase, about=about):
        raise PassphraseTooWeak([_SOON_GUESSED.format(weakness)])


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
    parameters = Parameters.fresh()
    derived = split(passphrase, parameters)
    with transaction.atomic(durable=True):
        remove_unfinished(row)
        user = _make_user(row, verifier=encode_verifier(derived.auth, parameters), at=at)
        keys = make_identity(
            holder=user.pk, kek=derived.kek, root_id=invited.root_id, at=at, invited=invited.to_bytes()
        )
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
    try:
        open_with_recovery_code(holder=by.user.pk, code=typed)
    except WrongPassphrase as error:
        raise WrongRecoveryCode(by.user) from error
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


def _make_user(row: Invitation, *, verifier: str, at: datetime) -> User:
    address = address_of(row)
    user = User(
        id=row.holder,
        email_lookup=look_up(address),
        sealed_email=seal_address(address, row=row.holder),
        display_name=row.display_name,
        is_staff_member=row.subject is None,
        state=State.ENROLLING,
        password=verifier,
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
