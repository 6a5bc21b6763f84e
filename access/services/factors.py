"""Setting up the second factor of a new account: an app for everybody, or the mailbox for clients."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django_otp.models import Device

from access.acting import Actor, Refusal, service
from access.models import User
from access.models.devices import BackupCodes, MailedCodeDevice, OurDevice, StandInCode, TotpDevice
from access.services.addresses import open_address
from access.services.mailing import mail_code
from access.services.throttling import CODES_SENT, PER_ADDRESS, count_try
from audit.acts import Act
from audit.services import record
from keys.prepared import Prepared


class WrongFactor(Refusal):
    """Not a code of the device that is being set up."""

    act = Act.SIGN_IN_FAILED
    message = "That code did not match. Please type the newest one that the app or the mail shows."


class NotForYou(Refusal):
    """A step of the other way in: colleagues have an app and a recovery code, clients may use their mailbox."""

    message = "This step belongs to another kind of account. Please open your invitation link again."


class FactorMissing(Refusal):
    """The authenticator app was not confirmed, so the account would have no second factor."""

    message = "Please set up your authenticator app first."


def find_device(persistent_id: str) -> OurDevice | None:
    """Find the device that a session says it was opened with."""
    label, _, number = persistent_id.rpartition("/")
    return _BY_ID[label].first(device=UUID(int=int(number))) if label in _BY_ID else None


def _by_id(model: type[OurDevice]) -> Prepared[..., OurDevice]:
    def build(device: UUID) -> QuerySet[OurDevice]:
        return QuerySet(model).filter(pk=device)

    return Prepared(build)


_BY_ID = {model.model_label(): _by_id(model) for model in (TotpDevice, MailedCodeDevice, BackupCodes, StandInCode)}


def count_factor_try(*, by: Actor, at: datetime) -> None:
    """Count one code typed while setting up, before a transaction that would take the count back with it.

    :raises Throttled: ten in a quarter of an hour
    """
    count_try(PER_ADDRESS, f"factor {by.user.pk}", at=at)


def confirm_factor(*, by: Actor, code: str, at: datetime) -> Device:
    """Confirm the app or the mailbox with its first code; whatever was not confirmed is removed.

    Belongs inside the caller's transaction.

    :raises WrongFactor: not a code of either
    """
    for kind in (TotpDevice, MailedCodeDevice):
        device = kind.objects.filter(user=by.user).first()
        if device and device.verify_token(code.strip()):
            for other in (TotpDevice, MailedCodeDevice):
                other.objects.filter(user=by.user, confirmed=False).delete()
            record(Act.FACTOR_SET, by=by, target=by.user, at=at)
            return device
    raise WrongFactor(by.user)


def authenticator(user: User) -> TotpDevice:
    """Find the authenticator app somebody is setting up or uses."""
    # Of two, the one that is not confirmed yet: a new phone is being set up.
    device: TotpDevice = TotpDevice.objects.filter(user=user).earliest("confirmed")
    return device


@service
def mail_enrolment_code(*, by: Actor, at: datetime) -> None:
    """Mail a first code to a client who has no authenticator app: the floor.

    :raises NotForYou: a colleague; their second factor is an app
    :raises Throttled: five mails in a quarter of an hour
    """
    if by.user.is_staff_member:
        raise NotForYou(by.user)
    count_try(CODES_SENT, str(by.user.pk), at=at)
    with transaction.atomic(durable=True):
        unconfirmed = {"confirmed": False, "name": "mailbox"}
        device, _ = MailedCodeDevice.objects.get_or_create(user=by.user, defaults=unconfirmed)
        mail_code(open_address(by.user.sealed_email, row=by.user.pk), device.draw())
        record(Act.CODE_SENT, by=by, target=by.user, at=at)


@service
def confirm_staff_factor(*, by: Actor, code: str, at: datetime) -> Device:
    """Confirm a colleague's authenticator app.

    :raises WrongFactor, Throttled: see there
    """
    if not by.user.is_staff_member:
        raise NotForYou(by.user)
    count_factor_try(by=by, at=at)
    with transaction.atomic(durable=True):
        return confirm_factor(by=by, code=code, at=at)


def require_app(by: Actor) -> None:
    """Hold a colleague to a confirmed authenticator app.

    :raises NotForYou, FactorMissing: see there
    """
    if not by.user.is_staff_member:
        raise NotForYou(by.user)
    if not TotpDevice.objects.filter(user=by.user, confirmed=True).exists():
        raise FactorMissing(by.user)
