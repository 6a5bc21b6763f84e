"""The recovery ceremony in the browser: a manager leads, partners type their codes, and six words are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.services.coming_back import find_lost, is_invited_back, put_in_place
from audit.acts import Act
from keys.errors import CodesRefused, KeyRefused
from keys.services import (
    Founder,
    Reach,
    find_successor,
    fingerprint_words,
    open_with_recovery_codes,
    reach_of_recovery,
    recovery_plan,
    require_open,
)
from practice.recovery.naming import leave_out_restricted
from practice.recovery.renewing import note_begin, renew

if TYPE_CHECKING:
    from access.models import User


class CodesNotRight(Refusal):
    """The printed codes open nothing; the message says why, and never what was typed.

    `number` is of the code that is mistyped, where it is one.
    """

    act = Act.RECOVERY_REFUSED

    def __init__(self, user: "User", error: CodesRefused) -> None:
        super().__init__(user)
        self.message, self.number = str(error), error.number


class RecoveryKeyRefused(Refusal):
    """The new keys changed, or the recovery key is not the one the codes open."""

    act = Act.KEY_REFUSED
    message = (
        "The new keys, or the recovery key, are not the ones they were when this page was shown. Nothing was changed. "
        "Open the page again and compare the six words once more."
    )


@dataclass(frozen=True)
class Ceremony:
    """What the page shows: whose keys, how far they got, what will open and what stays closed for good.

    `words` and `fingerprint` are there once new keys wait; `count` and `needed` are of the printed codes.
    """

    user: "User"
    is_invited: bool
    words: str
    fingerprint: bytes
    reach: Reach
    count: int
    needed: int


def prepare(*, by: Actor, user_id: UUID, at: datetime) -> Ceremony:
    """Gather what the ceremony's page shows; nothing is opened.

    :raises NobodyToBringBack: a client, somebody who left, or oneself
    """
    user = find_lost(by=by, user_id=user_id)
    waiting = find_successor(by=by.keys, holder=user.pk)
    seen = waiting.fingerprint if waiting else b""
    count, needed = recovery_plan() or (0, 0)
    return Ceremony(
        user=user,
        is_invited=is_invited_back(user, at=at),
        words=fingerprint_words(seen) if seen else "",
        fingerprint=seen,
        reach=leave_out_restricted(reach_of_recovery(holder=user.pk)),
        count=count,
        needed=needed,
    )


@service
def lead_recovery(*, by: Actor, user_id: UUID, codes: Mapping[int, str], seen: bytes, at: datetime) -> Reach:
    """Put a colleague's new keys in place of the lost ones, by enough printed codes.

    What is returned leaves out what managers are not shown, as the page does.

    :param seen: the 32-byte fingerprint behind the six words that were on the page
    :raises CodesNotRight: too few, mistyped, or of another print
    :raises RecoveryKeyRefused: the new keys changed meanwhile, or the recovery key does not hold
    :raises InvitationGone: the link was withdrawn meanwhile
    """
    user = find_lost(by=by, user_id=user_id)
    founder = open_sheets(by=by, codes=codes, about=user)
    note_begin(by=by, user=user, at=at)
    try:
        with transaction.atomic(durable=True):
            put_in_place(user, at=at)
            return leave_out_restricted(renew(founder, by=by, user=user, seen=seen, at=at))
    except KeyRefused as error:
        raise RecoveryKeyRefused(user) from error


def open_sheets(*, by: Actor, codes: Mapping[int, str], about: "User") -> Founder:
    """Bring the recovery seed back from printed codes, for the root that this person's own keys pin.

    :param about: whom the log names if the codes do not do
    :raises CodesNotRight: too few, mistyped, or of another print
    :raises RecoveryKeyRefused: they are of another root
    """
    try:
        founder = open_with_recovery_codes(codes)
    except CodesRefused as error:
        raise CodesNotRight(about, error) from error
    if founder.root_id != require_open(by.keys).root_id:
        raise RecoveryKeyRefused(about)
    return founder
