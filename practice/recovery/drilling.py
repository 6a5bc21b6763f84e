"""Rehearsing the recovery: do the sheets in people's drawers still open what they were printed for?"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from audit.actors import System
from audit.acts import Act, Outcome
from audit.services import record
from clients.services.naming import codes_of_subjects
from keys.errors import CodesRefused, KeyRefused
from keys.services import Place, Rehearsal, open_with_recovery_codes, rehearse_recovery
from practice.recovery.errors import CannotRecover


def drill_recovery(*, codes: Mapping[int, str], at: datetime) -> Rehearsal:
    """Try the codes on every vault, and note in the log how it went.

    :raises CannotRecover: the codes open nothing, or the recovery key in the database is not the one they open
    """
    try:
        rehearsal = rehearse_recovery(open_with_recovery_codes(codes))
    except CodesRefused as error:
        raise CannotRecover(str(error)) from error
    except KeyRefused as error:
        raise CannotRecover(
            f"The codes are right, but the recovery key in the database is not the one they open ({error.reason}). "
            "Somebody changed the database: restore it from a backup made before that."
        ) from error
    with transaction.atomic(durable=True):
        outcome = Outcome.PARTIAL if rehearsal.closed else Outcome.OK
        record(Act.RECOVERY_DRILLED, by=System(), at=at, outcome=outcome)
    return rehearsal


def name_vaults(places: tuple[Place, ...]) -> list[str]:
    """Say of each vault whose it is: by the client's code, and hidden clients not at all."""
    codes = codes_of_subjects({place.subject for place in places})
    return [f"the {place.kind} vault of client {codes.get(place.subject, 'not named here')}" for place in places]
