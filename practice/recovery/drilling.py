"""Rehearsing the recovery: do the sheets in people's drawers still open what they were printed for?"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from audit.actors import System
from audit.acts import Act, Outcome
from audit.services import record
from keys.services import Rehearsal, open_with_recovery_codes, rehearse_recovery
from practice.recovery.errors import plain_reasons


def drill_recovery(*, codes: Mapping[int, str], at: datetime) -> Rehearsal:
    """Try the codes on every vault, and note in the log how it went.

    :raises CannotRecover: the codes open nothing, or the recovery key in the database is not the one they open
    """
    with plain_reasons():
        rehearsal = rehearse_recovery(open_with_recovery_codes(codes))
    with transaction.atomic(durable=True):
        outcome = Outcome.PARTIAL if rehearsal.closed else Outcome.OK
        record(Act.RECOVERY_DRILLED, by=System(), at=at, outcome=outcome)
    return rehearsal
