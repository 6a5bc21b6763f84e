"""The set-up of a new practice in a browser: who may begin it, and what it keeps until it ends.

Half of what was typed lies in a row, sealed under a key that only the browser's cookie holds, as an open session's keys
do. Nothing here is recorded: the log is the practice's, and there is none yet.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from access.acting import Refusal
from access.models.set_up import SetUp
from access.services.throttling import Limit, count_try, forget_tries
from access.spoken_codes import draw_spoken_code, plain_code
from keys.errors import SealBroken
from keys.services import Label, fresh_ceremony_key, open_for_ceremony, seal_for_ceremony, service_mac

CODE_LIFE = timedelta(hours=1)
CEREMONY_LIFE = timedelta(hours=3)
# Over all networks together: there is one code, for one person who stands in front of it.
SET_UP_TRIES = Limit("set-up", 10, timedelta(minutes=15))
_TRIED = "code"


class NotTheCode(Refusal):
    """Wrong, used, or older than an hour: the same to who asks."""

    message = (
        "That is not the code, or it does not work any more. A code works once and for an hour. Please compare it with "
        "what the terminal shows; the same command there makes a new one."
    )


class NotYours(Refusal):
    """No set-up of this browser is under way."""

    message = "The set-up of this practice is not yours to go on with."


@dataclass(frozen=True, repr=False)
class Ceremony:
    """A set-up that this request's cookie has opened, and what it holds so far."""

    id: UUID
    key: bytes
    progress: bytes


def allow_set_up(*, at: datetime) -> str:
    """Draw the one-time code that begins a set-up; a set-up that was allowed or begun before ends here.

    :returns: ten characters, shown once
    """
    code = draw_spoken_code()
    with transaction.atomic(durable=True):
        end_set_up()
        SetUp.objects.create(code_mac=_mac(code), valid_until=at + CODE_LIFE)
    forget_tries(SET_UP_TRIES, _TRIED)
    return code


def may_begin(*, at: datetime) -> bool:
    """Say whether a code waits to be typed."""
    return SetUp.objects.filter(ceremony=None, valid_until__gt=at).exists()


def is_under_way(*, at: datetime) -> bool:
    """Say whether some browser has begun."""
    return SetUp.objects.filter(ceremony__isnull=False, valid_until__gt=at).exists()


def begin_set_up(*, code: str, progress: bytes, at: datetime) -> str:
    """Use the code up and begin.

    :returns: the browser's half, for a cookie
    :raises Throttled: ten tries in a quarter of an hour
    :raises NotTheCode: it is not, or it was used meanwhile
    """
    count_try(SET_UP_TRIES, _TRIED, at=at)
    mac, ceremony, key = _mac(code), uuid4(), fresh_ceremony_key()
    rows = SetUp.objects.filter(ceremony=None, valid_until__gt=at)
    row = rows.first()
    if row is None or not hmac.compare_digest(bytes(row.code_mac), mac):
        raise NotTheCode
    begun = {"code_mac": b"", "ceremony": ceremony, "valid_until": at + CEREMONY_LIFE}
    sealed = seal_for_ceremony(progress, browser_key=key, ceremony=ceremony)
    # One statement that asks once more: of two browsers with the code, one begins.
    if not rows.filter(code_mac=mac).update(**begun, sealed_progress=sealed):
        raise NotTheCode
    return urlsafe_b64encode(key).decode("ascii")


def open_set_up(*, cookie: str, at: datetime) -> Ceremony:
    """Open the set-up that is under way with the browser's half; one that is too old goes for good.

    :raises NotYours: another browser's, ended, or never begun
    """
    SetUp.objects.filter(valid_until__lte=at).delete()
    row = SetUp.objects.filter(ceremony__isnull=False).first()
    if row is None or row.ceremony is None:
        raise NotYours
    try:
        key = urlsafe_b64decode(cookie)
        progress = open_for_ceremony(row.sealed_progress, browser_key=key, ceremony=row.ceremony)
    except (SealBroken, ValueError) as error:
        raise NotYours from error
    return Ceremony(row.ceremony, key, progress)


def keep_progress(ceremony: Ceremony, progress: bytes) -> None:
    """Seal what a set-up has come to in the place of what it held.

    :raises NotYours: it ended meanwhile
    """
    sealed = seal_for_ceremony(progress, browser_key=ceremony.key, ceremony=ceremony.id)
    if not SetUp.objects.filter(ceremony=ceremony.id).update(sealed_progress=sealed):
        raise NotYours


def use_up(ceremony: Ceremony) -> None:
    """End a set-up, at its end or before it: nothing of what it kept is left.

    :raises NotYours: it ended meanwhile
    """
    gone, _ = SetUp.objects.filter(ceremony=ceremony.id).delete()
    if not gone:
        raise NotYours


def end_set_up() -> None:
    """Let no set-up be allowed or under way any more, whoever's it is."""
    SetUp.objects.all().delete()


def _mac(code: str) -> bytes:
    return service_mac(Label.SET_UP_CODE, plain_code(code))
