"""The client's way through a questionnaire: each answer is sealed at once, so that another device can go on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from access.acting import Actor, service
from audit.acts import Act
from audit.services import record_look
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.services.events import lock_client
from measures.kinds import Way
from measures.models import Answer, Result, Sheet
from measures.scoring import Answers, is_alarm
from measures.services.answers import Given, every, finish, open_given, open_result, rows_of, seal_answer
from measures.services.asking import MeasureRefused
from measures.services.finding import sheet_as_it_stands


class NothingAnswered(MeasureRefused):
    """An empty sheet says nothing."""

    message = "Nothing is answered yet. If you would rather not fill this in, you can just leave it."


@dataclass(frozen=True, repr=False)
class Filling:
    """A questionnaire as its client left it.

    :param given: what was opened of it, by the number of the question
    :param answered: the numbers of those that were answered, or left out on purpose
    """

    sheet: Sheet
    given: Given
    answered: frozenset[int]

    @property
    def next_number(self) -> int | None:
        """The first question that was not reached; None where all were."""
        numbers = range(1, len(self.sheet.questionnaire.questions) + 1)
        return next((number for number in numbers if number not in self.answered), None)

    @property
    def rows(self) -> list[tuple[int, str, str]]:
        """Each question with its number, and what was answered in words."""
        return rows_of(self.sheet.questionnaire, every(self.given, self.sheet), reached=self.answered)

    @property
    def is_alarm(self) -> bool:
        """Whether the client should read at once whom to call."""
        return is_alarm(self.sheet.questionnaire, every(self.given, self.sheet))


@dataclass(frozen=True, repr=False)
class Sent:
    """A questionnaire as its client sent it; no sum, because a number says little without somebody to talk to."""

    result: Result
    answers: Answers

    @property
    def rows(self) -> list[tuple[int, str, str]]:
        """Each question with its number, and what was answered in words."""
        return rows_of(self.result.questionnaire, self.answers)

    @property
    def is_alarm(self) -> bool:
        """Whether the client should read at once whom to call."""
        return is_alarm(self.result.questionnaire, self.answers)


def look_at_filling(*, by: Actor, sheet: Sheet, numbers: Collection[int] | None = None, at: datetime) -> Filling:
    """Open one's own answers, after the look was recorded; no look where nothing was answered.

    :param numbers: only the questions of these numbers
    """
    answered = frozenset(Answer.objects.filter(sheet=sheet).values_list("number", flat=True))
    if not (answered if numbers is None else answered.intersection(numbers)):
        return Filling(sheet, {}, answered)
    # To the minute, so that nobody sees in the log how long somebody thought about a question.
    minute = at.replace(second=0, microsecond=0)
    receipt = record_look(Act.MEASURE_OPENED, by=by, target=sheet, purpose=purpose_of(by), at=minute)
    vault = shared_vault(by=by, client=sheet.client)
    return Filling(sheet, open_given(vault, sheet, numbers=numbers, receipt=receipt), answered)


@service
@transaction.atomic(durable=True)
def keep_answer(
    *,
    by: Actor,
    sheet: Sheet,
    number: int,
    value: int | None,
    at: datetime,  # noqa: ARG001 (for the log, where this is refused)
) -> None:
    """Keep an answer, in place of the one before. The log has no entry of it: only of the whole, when it is sent.

    :param number: of the question, from 1
    :param value: the place of the choice, from 0; None: rather not
    :raises AlreadySent: this is a result by now
    """
    lock_client(by=by, client=sheet.client)
    sheet = sheet_as_it_stands(sheet)
    answer = Answer.objects.filter(sheet=sheet, number=number).first() or Answer(sheet=sheet, number=number)
    answer.sheet = sheet
    answer.sealed_answer = seal_answer(shared_vault(by=by, client=sheet.client), answer, value)
    answer.save()


@service
def send_sheet(*, by: Actor, sheet: Sheet, at: datetime) -> Result:
    """Send a questionnaire, whole or with gaps; from then on nobody changes it.

    :raises NothingAnswered: see there
    :raises AlreadySent: it was sent already
    """
    receipt = record_look(Act.MEASURE_OPENED, by=by, target=sheet, purpose=purpose_of(by), at=at)
    with transaction.atomic(durable=True):
        lock_client(by=by, client=sheet.client)
        sheet = sheet_as_it_stands(sheet)
        if not Answer.objects.filter(sheet=sheet).exists():
            raise NothingAnswered(sheet)
        vault = shared_vault(by=by, client=sheet.client)
        return finish(by=by, vault=vault, sheet=sheet, way=Way.ALONE, receipt=receipt, at=at)


def look_at_own_result(*, by: Actor, result: Result, at: datetime) -> Sent:
    """Record the look, then open what one sent."""
    receipt = record_look(Act.MEASURE_READ, by=by, target=result, purpose=purpose_of(by), at=at)
    return Sent(result, open_result(shared_vault(by=by, client=result.client), result, receipt=receipt))
