"""Records whose therapist is gone: partners type their codes, and therapists in care who wait are given the keys."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.accounts import last_in
from access.services.leaving import find_leaver
from access.services.mailing import mail_passed_on
from access.services.people import staff_with, the_practice
from audit.acts import Act
from audit.services import record, record_refusal
from clients.services.handing import BATCH, NOT_VOUCHED, Outcome, attempt
from clients.services.rescuing import WaitingCare, pass_on, pass_on_restricted, restricted_of
from clients.services.sharing import Recipient, RecipientChanged, recipient_of
from clients.services.wills import tell
from keys.errors import KeyRefused
from keys.services import Founder, recovery_keyring
from practice.recovery.ceremony import RecoveryKeyRefused, open_sheets

if TYPE_CHECKING:
    from access.models import User
    from access.targets import LoggedRow
    from clients.models import Client


class RecoveryKeySwapped(RecoveryKeyRefused):
    """The database names another recovery key than the one that the codes open."""

    message = (
        "The codes are right, but the recovery key in the database is not the one they open. Nothing was changed. "
        "Please tell who looks after the practice’s computer, today."
    )


class StillHere(Refusal):
    """Whose records these are was here not long ago, and can pass them on without anybody's sheets."""

    def __init__(self, user: "User") -> None:
        super().__init__(user)
        hours = settings.CUSTODY_WAIT // timedelta(hours=1)
        self.message = (
            f"{user.display_name} was signed in within the last {hours} hours. Who can act hands such records over "
            f"themselves: please ask them. If they cannot any more, come back when {hours} hours have passed since "
            "then. Nothing was changed."
        )


@service
def recover_care(
    *, by: Actor, chosen: Sequence[WaitingCare], codes: Mapping[int, str], at: datetime
) -> list[tuple[str, Outcome]]:
    """Pass on the keys of up to 25 clients, each wholly or not at all; the entry that it begins comes first.

    :raises CodesNotRight, RecoveryKeyRefused: see there; nothing was changed
    :returns: each client's label with how it went
    """
    founder, chosen = open_sheets(by=by, codes=codes, about=by.user), chosen[:BATCH]
    _note_begin(by, chosen, at)
    holding = hold_recovery_key(by, founder, by.user)
    return [(waiting.label, _rescue(holding, waiting, at)) for waiting in chosen]


@service
def find_gone(*, by: Actor, user_id: UUID, at: datetime) -> "User":
    """Find a therapist who is gone.

    :raises NobodyToEnd, OwnAccount: see :func:`access.services.leaving.find_leaver`
    :raises StillHere: they were signed in within the time that a released will waits
    """
    user = find_leaver(by=by, user_id=user_id)
    _require_gone(user, at)
    return user


def restricted_recipients(*, by: Actor, gone: "User") -> list[Recipient]:
    """List who could look after the restricted records of somebody who is gone: nobody gives them to themselves."""
    return [recipient_of(user, None) for user in staff_with(Role.THERAPIST) if user not in (gone, by.user)]


@service
def recover_restricted(
    *, by: Actor, gone: "User", seen: str, codes: Mapping[int, str], at: datetime
) -> tuple[Recipient, list[str]]:
    """Put the restricted records of somebody who is gone into one colleague's care, each wholly or not at all.

    Nobody is told whose they are, nor how many; that it begins is in the log, and mailed to who is gone, before a key
    is opened.

    :param seen: of the colleague who was confirmed on the page
    :raises StillHere: see there
    :raises RecipientChanged: they, or their keys, are not what was shown, or they are whoever asks
    :raises CodesNotRight, RecoveryKeyRefused: see there; nothing was changed
    :returns: the colleague, and why something could not be passed on, each reason once
    """
    _require_gone(gone, at)
    to = next((one for one in restricted_recipients(by=by, gone=gone) if one.seen == seen), None)
    if to is None:
        raise RecipientChanged(gone)
    founder = open_sheets(by=by, codes=codes, about=gone)
    with transaction.atomic(durable=True):
        record(Act.RECORDS_RECOVERY_BEGUN, by=by, target=gone, at=at)
        tell([gone], mail_passed_on)
    holding = hold_recovery_key(by, founder, gone)
    reasons = {_rescue_restricted(holding, client, to, at) for client in restricted_of(gone)}
    return to, sorted(reasons - {""})


def hold_recovery_key(by: Actor, founder: Founder, about: "LoggedRow") -> Actor:
    """Let the manager act with the practice recovery key in hand, for as long as this takes."""
    try:
        return replace(by, keys=recovery_keyring(founder))
    except KeyRefused as error:
        raise RecoveryKeySwapped(about) from error


def _require_gone(user: "User", at: datetime) -> None:
    seen_at = last_in(user)
    if seen_at is not None and at - seen_at < settings.CUSTODY_WAIT:
        raise StillHere(user)


def _rescue_restricted(by: Actor, client: "Client", to: Recipient, at: datetime) -> str:
    """Pass one on; what stands in its way is said without naming whose it is, in the log too."""
    try:
        pass_on_restricted(by=by, client=client, to=to, at=at)
    except Refusal as refusal:
        return str(refusal)
    except KeyRefused as error:
        record_refusal(Act.KEY_REFUSED, by=by, target=to.user, fields=[error.reason], at=at)
        return NOT_VOUCHED
    return ""


def _rescue(by: Actor, waiting: WaitingCare, at: datetime) -> Outcome:
    client_id, words = waiting.care.client_id, f"{waiting.recipient.name} holds the keys from now on."

    def one(_: object) -> Outcome:
        pass_on(by=by, waiting=waiting, at=at)
        return Outcome(client_id, done=True, words=words)

    return attempt(one, client_id, by=by, at=at)


@transaction.atomic(durable=True)
def _note_begin(by: Actor, chosen: Sequence[WaitingCare], at: datetime) -> None:
    handles = list({waiting.care.audit_handle for waiting in chosen})
    record(Act.RECORDS_RECOVERY_BEGUN, by=by, target=the_practice(), subjects=handles, at=at)
