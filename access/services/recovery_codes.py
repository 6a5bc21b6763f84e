"""The personal recovery code: drawn, typed back, and asked for now and then so that it is still there when needed."""

from datetime import datetime, timedelta

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.models import User
from access.services.throttling import PER_ADDRESS, count_try
from audit.acts import Act
from audit.services import record
from keys.errors import WrongPassphrase
from keys.services import draw_recovery_code, open_with_recovery_code, require_open

FIRST_ASKED_AFTER = timedelta(days=30)
ASKED_AGAIN_AFTER = timedelta(days=365)


class WrongRecoveryCode(Refusal):
    """The code was not retyped as printed."""

    act = Act.SIGN_IN_FAILED
    message = "That is not the code that was shown last. Please compare it with what you wrote down."


class NoRecoveryCode(Refusal):
    """Clients have none: their therapist lets them in anew."""

    message = "Recovery codes are for people who work here. If you forget your passphrase, your therapist can help."


def is_asked(user: User, *, at: datetime) -> bool:
    """Say whether it is time to type the recovery code once more."""
    return user.recovery_ask_at is not None and user.recovery_ask_at <= at


@service
@transaction.atomic(durable=True)
def renew_recovery_code(*, by: Actor, at: datetime) -> str:
    """Draw another recovery code; the one before opens nothing from now on.

    Until it was typed back, the account goes no further: a code nobody wrote down is none.

    :raises NoRecoveryCode: a client
    """
    if not by.user.is_staff_member:
        raise NoRecoveryCode(by.user)
    code = draw_recovery_code(require_open(by.keys))
    User.objects.filter(pk=by.user.pk).update(recovery_ask_at=None)
    record(Act.RECOVERY_CODE_SET, by=by, target=by.user, at=at)
    return code


@service
def prove_recovery_code(*, by: Actor, typed: str, at: datetime) -> None:
    """Take the recovery code without using it up: right, and it is asked for again in a year.

    :raises WrongRecoveryCode: it does not open these keys
    :raises Throttled: ten in a quarter of an hour
    """
    count_try(PER_ADDRESS, f"recovery {by.user.pk}", at=at)
    require_opens(by, typed)
    after = FIRST_ASKED_AFTER if by.user.lacks_recovery_code else ASKED_AGAIN_AFTER
    with transaction.atomic(durable=True):
        note_typed(by.user, ask_at=at + after)
        record(Act.RECOVERY_CODE_PROVEN, by=by, target=by.user, at=at)


def require_opens(by: Actor, typed: str) -> None:
    """Hold what was typed to opening this person's keys.

    :raises WrongRecoveryCode: it does not
    """
    try:
        open_with_recovery_code(holder=by.user.pk, code=typed)
    except WrongPassphrase as error:
        raise WrongRecoveryCode(by.user) from error


def note_typed(user: User, *, ask_at: datetime) -> None:
    """Note that the code was typed back, and when to ask for it again. Belongs inside the caller's transaction."""
    User.objects.filter(pk=user.pk).update(recovery_ask_at=ask_at)
    user.recovery_ask_at = ask_at
