"""A lost phone: another app in the place of the old one, and what lets somebody in until then. None of it is a key."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django_otp import match_token
from django_otp.models import Device

from access.acting import Actor, Refusal, service
from access.models import User
from access.models.devices import BackupCodes, MailedCodeDevice, StandInCode, TotpDevice
from access.services.equipping import end_way_in
from access.services.factors import WrongFactor, count_factor_try, require_app
from access.services.key_sessions import OpenSession, start_over
from access.services.mailing import mail_notice
from access.services.passphrases import address_of_account
from access.spoken_codes import draw_spoken_code
from access.states import State
from audit.actors import Named
from audit.acts import Act
from audit.services import record
from keys.services import require_open


class WrongProof(WrongFactor):
    """Not a code of what somebody signs in with now."""

    message = "That is none of the codes you can sign in with now. Please type one from the old app, or a backup code."


class NoNewApp(Refusal):
    """The page with the QR code was left, or the app was confirmed already."""

    message = "Please begin once more with the new app."


class NoSuchColleague(Refusal):
    """Not somebody with a second factor to lose."""

    message = "This person has no second factor that could be removed. Nothing was changed."


class OwnFactor(Refusal):
    """Else a manager's passphrase alone would do, and the second factor would be none."""

    message = "Nobody removes their own second factor here. Another manager can, or you use your own codes."


@transaction.atomic(durable=True)
def begin_new_app(*, by: Actor) -> None:
    """Draw the seed of another authenticator app; the old one goes on working until the new one is confirmed."""
    TotpDevice.objects.filter(user=by.user, confirmed=False).delete()
    TotpDevice.begin(by.user.pk)


def sets_up_new_app(*, by: Actor) -> bool:
    """Say whether another app was begun and not confirmed yet."""
    return bool(TotpDevice.objects.filter(user=by.user, confirmed=False).exists())


@service
def change_app(*, by: Actor, proof: str, code: str, browser: str, at: datetime) -> tuple[OpenSession, Device]:
    """Put the new app in the place of the old one, of the mailbox or of a stand-in; backup codes stay.

    Every session but this one ends: the lost phone may be signed in.

    :param proof: a code of what somebody signs in with now
    :param code: the first code of the new app
    :param browser: the session cookie of this request
    :raises NoNewApp, WrongProof, WrongFactor, Throttled: see there; nothing was changed
    """
    count_factor_try(by=by, at=at)
    with transaction.atomic(durable=True):
        device = _confirm(by, proof=proof, code=code)
        for kind in (TotpDevice, MailedCodeDevice, StandInCode):
            kind.objects.filter(user=by.user).exclude(pk=device.pk).delete()
        User.objects.filter(pk=by.user.pk).update(factor_removed_at=None)
        by.user.factor_removed_at = None
        opened = start_over(user=by.user, keys=require_open(by.keys), here=by.session, browser=browser, at=at)
        record(Act.FACTOR_SET, by=by, target=by.user, at=at)
    mail_notice(address_of_account(by.user))
    return opened, device


@service
@transaction.atomic(durable=True)
def print_backup_codes(*, by: Actor, at: datetime) -> list[str]:
    """Draw eight backup codes that replace any before; shown once.

    :raises FactorMissing, NotForYou: backup codes stand beside an app, and never instead of one
    """
    require_app(by)
    codes = BackupCodes.print_for(by.user.pk)
    record(Act.BACKUP_CODES_SET, by=by, target=by.user, at=at)
    return codes


@service
def find_colleague(*, by: Actor, user_id: UUID) -> User:
    """Find a colleague whose second factor may be lost.

    :raises NoSuchColleague, OwnFactor: see there
    """
    if user_id == by.user.pk:
        raise OwnFactor(by.user)
    user = User.objects.filter(pk=user_id, is_staff_member=True, state__in=[State.ACTIVE, State.WAITING]).first()
    if user is None:
        raise NoSuchColleague(Named("access.user", user_id))
    return user


@service
@transaction.atomic(durable=True)
def remove_factor(*, by: Actor, colleague: User, at: datetime) -> str:
    """Remove a colleague's lost second factor, and draw the code that lets them in until they set up a new one.

    It gives nobody a key: the passphrase is asked for as before. Their sessions end, and they are told by mail.

    :param colleague: found by :func:`find_colleague`
    :returns: the code, to be said in the room or by phone
    """
    code = take_factor_away(colleague, at=at)
    record(Act.FACTOR_REMOVED, by=by, target=colleague, at=at)
    transaction.on_commit(lambda: mail_notice(address_of_account(colleague)))
    return code


def take_factor_away(user: User, *, at: datetime) -> str:
    """Replace every second factor of somebody by one spoken code. Belongs inside the caller's transaction."""
    code = draw_spoken_code()
    admit_stand_in(user, code, at=at)
    return code


def admit_stand_in(user: User, code: str, *, at: datetime) -> Device:
    """Let one code stand in for every second factor somebody had, until they set up a new app. Their sessions end."""
    end_way_in(user)
    User.objects.filter(pk=user.pk).update(factor_removed_at=at)
    user.factor_removed_at = at
    return StandInCode.admit(user.pk, code)


def _confirm(by: Actor, *, proof: str, code: str) -> TotpDevice:
    new: TotpDevice | None = TotpDevice.objects.filter(user=by.user, confirmed=False).first()
    if new is None:
        raise NoNewApp(by.user)
    if match_token(by.user, proof.strip()) is None:
        raise WrongProof(by.user)
    if not new.verify_token(code.strip()):
        raise WrongFactor(by.user)
    return new
