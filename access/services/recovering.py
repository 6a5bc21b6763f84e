"""Coming back without the passphrase: the personal recovery code opens the keys, and the second factor still gates."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django_otp import match_token
from django_otp.models import Device

from access.acting import Actor, service
from access.models import User
from access.roles import Role
from access.services.addresses import look_up
from access.services.key_sessions import OpenSession, start_over
from access.services.lost_factors import admit_stand_in
from access.services.mailing import mail_notice
from access.services.passphrases import (
    Chosen,
    address_of_account,
    check_passphrase_strength,
    known_of,
    set_passphrase,
)
from access.services.people import staff_with
from access.services.signing_in import KeysRefused, SignInRefused, count_sign_in
from access.services.throttling import PER_ADDRESS, forget_tries
from access.states import State
from audit.actors import Nobody
from audit.acts import Act
from audit.services import record
from keys.errors import KeyRefused, WrongPassphrase
from keys.services import LOCKED, Keyring, is_on_a_sheet, open_with_recovery_code, use_up_recovery_code


class RecoveryRefused(SignInRefused):
    """Address, recovery code or second factor did not match; which one is not said."""

    message = (
        "That did not match. Please check the address, the recovery code and the second-factor code, and try again."
    )


@dataclass(frozen=True, repr=False)
class Typed:
    """What somebody types to come back."""

    address: str
    recovery_code: str
    factor: str
    passphrase: str


@service
def recover(*, by: Nobody, typed: Typed, at: datetime) -> tuple[OpenSession, Device]:
    """Seal somebody's keys under a new passphrase, opened with their recovery code, which is then used up.

    Every session ends. The account goes on once a new recovery code was written down and typed back.

    :raises RecoveryRefused: something did not match; nothing was changed
    :raises PassphraseTooWeak, Throttled, KeysRefused: see there
    """
    count_sign_in(by.origin, typed.address, at)
    check_passphrase_strength(typed.passphrase, about=(typed.address,))
    # Before anything is looked up: the same work for every address.
    chosen = Chosen.derive(typed.passphrase)
    with transaction.atomic(durable=True):
        user, keys = _open(typed)
        # A code that is taken here is free again if what follows refuses.
        device = _second_factor(user, typed.factor, at)
        check_passphrase_strength(typed.passphrase, about=known_of(user))
        set_passphrase(user, keys, chosen)
        use_up_recovery_code(keys)
        User.objects.filter(pk=user.pk).update(recovery_ask_at=None)
        user.recovery_ask_at = None
        opened = start_over(user=user, keys=keys, here=None, browser="", at=at)
        record(Act.RECOVERED, by=Actor(user, Role.RETURNING, LOCKED, opened.id, by.origin), target=user, at=at)
    forget_tries(PER_ADDRESS, typed.address)
    mail_notice(address_of_account(user))
    return opened, device


def _open(typed: Typed) -> tuple[User, Keyring]:
    enrolled = User.objects.filter(is_staff_member=True, state__in=[State.ACTIVE, State.WAITING])
    user = enrolled.filter(email_lookup=look_up(typed.address)).first()
    if user is None:
        raise RecoveryRefused
    try:
        return user, open_with_recovery_code(holder=user.pk, code=typed.recovery_code)
    except KeyRefused as error:
        raise KeysRefused(user) from error
    except WrongPassphrase as error:
        raise RecoveryRefused(user) from error


def _second_factor(user: User, code: str, at: datetime) -> Device:
    device = match_token(user, code.strip())
    if device is None and _is_the_only_manager(user) and is_on_a_sheet(code):
        device = admit_stand_in(user, code, at=at)
    if device is None:
        raise RecoveryRefused(user)
    return device


def _is_the_only_manager(user: User) -> bool:
    # With another manager there is somebody who can look at the person and remove the lost factor.
    return staff_with(Role.MANAGER) == [user]
