"""Records whose therapist is gone: partners type their codes, and therapists in care who wait are given the keys."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from access.acting import Actor, service
from access.services.people import the_practice
from audit.acts import Act
from audit.services import record
from clients.services.handing import BATCH, Outcome, attempt
from clients.services.rescuing import WaitingCare, pass_on
from keys.errors import KeyRefused
from keys.services import recovery_keyring
from practice.recovery.ceremony import RecoveryKeyRefused, open_sheets


class RecoveryKeySwapped(RecoveryKeyRefused):
    """The database names another recovery key than the one that the codes open."""

    message = (
        "The codes are right, but the recovery key in the database is not the one they open. Nothing was changed. "
        "Please tell who looks after the practice’s computer, today."
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
    try:
        # The manager acts, and holds the practice recovery key for as long as this takes.
        holding = replace(by, keys=recovery_keyring(founder))
    except KeyRefused as error:
        raise RecoveryKeySwapped(by.user) from error
    return [(waiting.label, _rescue(holding, waiting, at)) for waiting in chosen]


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
