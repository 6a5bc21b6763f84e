"""Sealing what was answered into its row, and opening it: an answer moved to another question opens nowhere."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.acts import Act
from audit.entries import SealedDetail
from audit.services import Receipt, record
from clients.services.purposes import purpose_of
from keys.services import OpenVault
from measures.instruments import Instrument, Question
from measures.kinds import Way
from measures.models import Answer, Result, Sheet
from measures.scoring import Answers
from measures.sealed import bind_answer, bind_result

if TYPE_CHECKING:
    from clients.models import Client

# By the number of the question; what was left out on purpose is None, what was not reached is not there.
Given = dict[int, int | None]
_LEFT_OUT, _NOT_YET = "Left out", "Not answered yet"


def open_given(vault: OpenVault, sheet: Sheet, *, numbers: Collection[int] | None = None, receipt: Receipt) -> Given:
    """Open what was answered on a sheet so far.

    :param numbers: only the questions of these numbers
    :raises SealBroken: altered, or moved here from another question, sheet or client
    """
    rows = Answer.objects.filter(sheet=sheet).select_related("sheet")
    if numbers is not None:
        rows = rows.filter(number__in=numbers)
    return {row.number: open_answer(vault, row, receipt=receipt) for row in rows.order_by("number")}


def seal_answer(vault: OpenVault, answer: Answer, value: int | None) -> bytes:
    """Seal one answer into its row."""
    return vault.seal(json.dumps(value), bound_to=bind_answer(answer))


def open_answer(vault: OpenVault, answer: Answer, *, receipt: Receipt) -> int | None:
    """Open one answer.

    :raises SealBroken: altered, or moved here
    """
    value: int | None = json.loads(vault.unseal(answer.sealed_answer, bound_to=bind_answer(answer), receipt=receipt))
    return value


def open_result(vault: OpenVault, result: Result, *, receipt: Receipt) -> tuple[int | None, ...]:
    """Open everything that was answered, question by question.

    :raises SealBroken: altered, or moved here; or the row around it was altered
    """
    receipt.covers_client(result.client.audit_handle)
    return tuple(json.loads(vault.unseal(result.sealed_answers, bound_to=bind_result(result), receipt=receipt)))


def store_result(*, by: Actor, vault: OpenVault, result: Result, answers: Answers) -> None:
    """Seal the answers into a new result and store it with its entry. Belongs inside the caller's transaction."""
    result.sealed_answers = vault.seal(json.dumps(list(answers)), bound_to=bind_result(result))
    result.save(force_insert=True)
    enc = SealedDetail.of(bytes(result.sealed_answers), key_name="shared")
    record(Act.MEASURE_FINISHED, by=by, target=result, purpose=purpose_of(by), enc=enc, at=result.finished_at)


def finish(*, by: Actor, vault: OpenVault, sheet: Sheet, way: Way, receipt: Receipt, at: datetime) -> Result:
    """Turn a sheet into a result with what was answered so far. Belongs inside the caller's transaction."""
    given = open_given(vault, sheet, receipt=receipt)
    result = Result(
        id=sheet.id,
        client=sheet.client,
        instrument=sheet.instrument,
        asked_by_id=sheet.asked_by_id,
        asked_at=sheet.asked_at,
        finished_by=by.user,
        finished_at=at,
        way=way,
    )
    store_result(by=by, vault=vault, result=result, answers=every(given, sheet))
    remove_sheet(sheet)
    return result


def remove_sheet(sheet: Sheet) -> None:
    """Delete a sheet with all answers on it. Belongs inside the caller's transaction."""
    Answer.objects.filter(sheet=sheet).delete()
    Sheet.objects.filter(pk=sheet.pk).delete()


def every(given: Given, sheet: Sheet) -> list[int | None]:
    """List the answers question by question; what is not there was not answered."""
    return [given.get(number) for number in range(1, len(sheet.questionnaire.questions) + 1)]


def rows_of(
    instrument: Instrument, answers: Answers, *, reached: Collection[int] | None = None
) -> list[tuple[int, str, str]]:
    """List each question with its number, and the answer in words.

    :param reached: the numbers of the questions that somebody came to; None where it does not matter any more
    """

    def words_of(number: int, question: Question, value: int | None) -> str:
        if value is not None:
            return question.choices[value]
        return _LEFT_OUT if reached is None or number in reached else _NOT_YET

    numbered = enumerate(zip(instrument.questions, answers, strict=True), start=1)
    return [(number, question.text, words_of(number, question, value)) for number, (question, value) in numbered]


def has_answers(client: "Client", instrument: str) -> bool:
    """Say whether a client has begun a questionnaire that is not sent."""
    return Answer.objects.filter(sheet__client=client, sheet__instrument=instrument).exists()
