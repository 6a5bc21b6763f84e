"""What waits for a therapist: above all an answer that says that somebody may need help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.acts import Act, Purpose
from audit.entries import Basis, Details
from audit.services import Receipt
from clients.services.parting import look_at_each
from clients.services.purposes import purpose_of
from keys.errors import KeysError, NoGrant
from keys.services import OpenVault, VaultKind, open_vaults
from measures.models import Answer, Result, Sheet
from measures.scoring import is_alarm
from measures.services.answers import open_answer, open_result

if TYPE_CHECKING:
    from uuid import UUID

    from clients.models import Client

Vaults = dict["UUID", OpenVault | KeysError]


class Urgency(IntEnum):
    """What comes first on a page, the smallest before all."""

    ALARM = 1  # the item that is shown by itself is above zero
    BROKEN = 2  # nobody can tell, because it does not open
    LOCKED = 3  # nor can this therapist, who waits for the key
    NEW = 4


@dataclass(frozen=True)
class Waiting:
    """Something that a therapist has not closed yet.

    :param measure: a result, or a sheet that its client has not sent
    """

    measure: Sheet | Result
    urgency: Urgency

    @property
    def is_first(self) -> bool:
        """Whether it stands before everything else."""
        return self.urgency <= Urgency.BROKEN

    @property
    def is_alarm(self) -> bool:
        return self.urgency is Urgency.ALARM

    @property
    def is_locked(self) -> bool:
        return self.urgency is Urgency.LOCKED

    @property
    def since(self) -> datetime:
        return self.measure.finished_at if isinstance(self.measure, Result) else self.measure.asked_at


def look_for_waiting(
    *, by: Actor, clients: "Sequence[Client]", at: datetime, basis: Basis | None = None
) -> list[Waiting]:
    """Find what waits to be closed, the urgent first, then by age.

    :param basis: what allows the look, where it is not care

    No column says which answer is urgent, so whatever could be is opened, after one look at all of these clients.
    """
    results = Result.objects.filter(client__in=clients, closing=None).select_related("client")
    rows: list[Result | Answer] = [*results, *_alarm_answers(clients)]
    if not rows:
        return []
    vaults = open_vaults(by=by.keys, kind=VaultKind.SHARED, subjects=list({_client_of(row).pk for row in rows}))
    opened = [row for row in rows if _may_alarm(row) and isinstance(vaults[_client_of(row).pk], OpenVault)]
    looked_at = map(_client_of, opened)
    # Whoever answers for a colleague's work treats nobody by looking.
    details: Details = {"purpose": Purpose.OPERATIONS, "basis": basis} if basis else {"purpose": purpose_of(by)}
    receipts = look_at_each(Act.MEASURE_CHECKED, by=by, clients=looked_at, at=at, **details)
    judged = [_judge(row, vaults, receipts) for row in rows]
    # A sheet that is not sent is the client's own to finish, unless it says that this cannot wait.
    return sorted(
        (one for one in judged if one.measure.is_sent or one.is_first), key=lambda one: (one.urgency, one.since)
    )


def count_open(*, client: "Client") -> int:
    """Count the results of a client that nobody has closed; nothing is opened."""
    return Result.objects.filter(client=client, closing=None).count()


def _alarm_answers(clients: "Sequence[Client]") -> list[Answer]:
    """Find the answers to items that are shown by themselves, on sheets that are not sent."""
    rows = Answer.objects.filter(sheet__client__in=clients).select_related("sheet__client")
    return [row for row in rows if row.number == row.sheet.questionnaire.alarm_item]


def _judge(row: Result | Answer, vaults: Vaults, receipts: "Mapping[UUID, Receipt]") -> Waiting:
    measure = row.sheet if isinstance(row, Answer) else row
    vault = vaults[measure.client_id]
    if isinstance(vault, NoGrant):
        return Waiting(measure, Urgency.LOCKED)
    if not _may_alarm(row):
        return Waiting(measure, Urgency.NEW)
    try:
        if isinstance(vault, KeysError):
            return Waiting(measure, Urgency.BROKEN)
        alarms = _is_alarm(row, vault, receipts[measure.client_id])
        return Waiting(measure, Urgency.ALARM if alarms else Urgency.NEW)
    except KeysError:
        # One that was altered must hide neither itself nor the others.
        return Waiting(measure, Urgency.BROKEN)


def _is_alarm(row: Result | Answer, vault: OpenVault, receipt: Receipt) -> bool:
    if isinstance(row, Answer):
        return bool(open_answer(vault, row, receipt=receipt))
    return is_alarm(row.questionnaire, open_result(vault, row, receipt=receipt))


def _may_alarm(row: Result | Answer) -> bool:
    return isinstance(row, Answer) or row.questionnaire.alarm_item is not None


def _client_of(row: Result | Answer) -> "Client":
    return row.sheet.client if isinstance(row, Answer) else row.client
