"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, bind, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from keys.services import Place
    from measures.models import Answer, Closing, Result

ANSWER = "measures-answer/v1"
RESULT = "measures-result/v1"
CLOSING = "measures-closing/v1"
# The columns that each is bound to.
_ANSWER = ("sheet_id", "sheet.client_id", "sheet.instrument", "number")
_RESULT = ("id", "client_id", "instrument", "asked_by_id", "asked_at", "finished_by_id", "finished_at", "way")
_CLOSING = ("result_id", "closed_by_id", "closed_at")


def register() -> None:
    """Declare them."""
    # What the client says lies in the vault that the client shares; what was done about it is clinical.
    answers, results = Texts(_of_sheet, _ANSWER), Texts(_of_client, _RESULT)
    register_sealed("measures.Answer", "sealed_answer", purpose=ANSWER, opened_by=("shared",), texts=answers)
    register_sealed("measures.Result", "sealed_answers", purpose=RESULT, opened_by=("shared",), texts=results)
    closings = Texts(_of_result, _CLOSING)
    register_sealed("measures.Closing", "sealed_words", purpose=CLOSING, opened_by=("record",), texts=closings)


def bind_answer(answer: "Answer") -> tuple[Field, ...]:
    """Bind an answer to whose it is, to which sheet, and to its question."""
    return bind(ANSWER, answer, _ANSWER)


def bind_result(result: "Result") -> tuple[Field, ...]:
    """Bind to every other column of the row: a result moves to no other client, questionnaire, day or person."""
    return bind(RESULT, result, _RESULT)


def bind_closing(closing: "Closing") -> tuple[Field, ...]:
    """Bind to every other column of the row."""
    return bind(CLOSING, closing, _CLOSING)


def _of_sheet(place: "Place") -> Q:
    return Q(sheet__client=place.subject)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)


def _of_result(place: "Place") -> Q:
    return Q(result__client=place.subject)
