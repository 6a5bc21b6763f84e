"""What an exported record has of this app: each questionnaire as it was sent, and what was done about it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid5

from clients.exports import Chapter, Gathering, Leaf, Part, Resource, Table, register_part
from clients.fhir import (
    LOINC,
    TERMINOLOGY,
    concept,
    moment,
    refer_to,
    refer_to_client,
    refer_to_staff,
    resource,
)
from clients.services.exporting import when, why_closed
from clients.services.vaults import shared_vault
from keys.errors import KeysError
from keys.services import Place, VaultKind, open_vault
from measures.instruments import Question
from measures.kinds import Way
from measures.models import Closing, Result
from measures.scoring import Answers, add_up, band_of
from measures.services.answers import open_result, rows_of
from measures.services.closing import open_words
from measures.services.finding import sent_results

_WAYS = {
    Way.ALONE: "by the client alone",
    Way.TOGETHER: "by client and therapist together",
    Way.AS_IT_STOOD: "as it stood; the client had not sent it",
}
_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def register() -> None:
    """Declare the part."""
    register_part(Part("measures", "Questionnaires", 20, gather_measures))


def gather_measures(gathering: Gathering) -> Chapter:
    """Open every questionnaire that came in, the oldest first."""
    results = list(reversed(sent_results(gathering.client)))
    if not results:
        return Chapter()
    gathered = [_gather(gathering, result) for result in results]
    return Chapter(tuple(leaf for leaf, _ in gathered), resources=tuple(one for _, found in gathered for one in found))


def _gather(gathering: Gathering, result: Result) -> tuple[Leaf, list[Resource]]:
    try:
        vault = shared_vault(by=gathering.by, client=gathering.client)
        answers = open_result(vault, result, receipt=gathering.receipt)
    except KeysError as error:
        return Leaf(_title(result), problem=why_closed(gathering, error)), []
    return _leaf(gathering, result, answers), list(_resources(result, answers))


def _title(result: Result) -> str:
    return f"{result.questionnaire.name}, {when(result.finished_at)}"


def _leaf(gathering: Gathering, result: Result, answers: Answers) -> Leaf:
    instrument, total = result.questionnaire, add_up(result.questionnaire, answers)
    score = "none: a question was left out" if total is None else f"{total}, {band_of(instrument, total)}"
    facts = (("Filled in", _WAYS[Way(result.way)]), ("Sum", score))
    rows = tuple((f"{number}. {question}", words) for number, question, words in rows_of(instrument, answers))
    table = Table(("Question", "Answer"), rows)
    closing = Closing.objects.filter(result=result).select_related("closed_by", "result__client").first()
    if closing is None:
        return Leaf(_title(result), facts, table=table)
    closed = ("Read and closed", f"{when(closing.closed_at)}, {closing.closed_by.display_name}")
    words, problem = _words(gathering, closing)
    passages = (("What was done about it", words),) if words else ()
    return Leaf(_title(result), (*facts, closed), passages, table, problem)


def _words(gathering: Gathering, closing: Closing) -> tuple[str, str]:
    try:
        vault = open_vault(by=gathering.by.keys, place=Place(VaultKind.RECORD, gathering.client.pk))
        return open_words(vault, closing, receipt=gathering.receipt), ""
    except KeysError as error:
        return "", why_closed(gathering, error)


def _resources(result: Result, answers: Answers) -> Iterator[Resource]:
    instrument = result.questionnaire
    filled = resource(
        "QuestionnaireResponse",
        result.pk,
        questionnaire=f"{LOINC}/q/{instrument.loinc}",
        status="completed" if result.way != Way.AS_IT_STOOD else "in-progress",
        subject=refer_to_client(result.client),
        authored=moment(result.finished_at),
        author=_author(result),
        item=[
            _item(number, question, value)
            for number, (question, value) in enumerate(zip(instrument.questions, answers, strict=True), start=1)
        ],
    )
    yield filled
    total = add_up(instrument, answers)
    if total is not None:
        yield _sum(result, total, filled)


def _author(result: Result) -> dict[str, str]:
    alone = result.way == Way.ALONE
    return refer_to_client(result.client) if alone else refer_to_staff(result.finished_by)


def _item(number: int, question: Question, value: int | None) -> dict[str, Any]:
    asked = {"linkId": str(number), "text": question.text}
    if value is None:
        return asked
    # The number that counts travels with the words, as the core specification has it for scored answers.
    ordinal = [{"url": _ORDINAL, "valueDecimal": value}]
    return {**asked, "answer": [{"valueCoding": {"extension": ordinal, "display": question.choices[value]}}]}


def _sum(result: Result, total: int, filled: Resource) -> Resource:
    instrument = result.questionnaire
    return resource(
        "Observation",
        uuid5(result.pk, "sum"),
        status="final",
        category=[concept(f"{TERMINOLOGY}/observation-category", "survey")],
        code=concept(LOINC, instrument.loinc_sum, f"{instrument.name}, sum"),
        subject=refer_to_client(result.client),
        effectiveDateTime=moment(result.finished_at),
        valueInteger=total,
        interpretation=[concept(text=band_of(instrument, total))],
        derivedFrom=[refer_to(filled)],
    )
