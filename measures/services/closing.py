"""Closing a result with what was done. Every result is closed in one way, so that none can be told from outside."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, service
from audit.acts import Act
from audit.entries import SealedDetail
from audit.services import Receipt, record, record_look
from clients.services.purposes import purpose_of
from clients.services.vaults import record_vault, shared_vault
from consent.services.events import lock_client
from keys.services import OpenVault
from measures.kinds import Way
from measures.models import Closing, Result, Sheet
from measures.scoring import is_alarm
from measures.sealed import bind_closing
from measures.services.answers import finish, open_result
from measures.services.asking import MeasureRefused
from measures.services.finding import AlreadySent, sheet_as_it_stands

# Characters; six bytes each at most in JSON, and the rest of the room is filled up: a long note looks like none.
LONGEST = 1000
_ROOM = 6 * LONGEST + 20


class WordsMissing(Exception):
    """An answer above zero to the item that is shown by itself is closed with what was done.

    No refusal, because that would be an entry in the log which only such an answer can cause.
    """

    def __str__(self) -> str:
        return "Please note what was done. This answer is not closed without it."


class AlreadyClosed(MeasureRefused):
    """Somebody was faster; what they noted stands."""

    message = "A colleague has closed this meanwhile. What they noted stands below."


class SentMeanwhile(MeasureRefused):
    """The client went on and sent it after this page was opened: it is read before it is closed."""

    message = "The client has sent this meanwhile. Please read it as it is now."


@dataclass(frozen=True, repr=False)
class Done:
    """What was done, in the therapist's words; `confirmed` names colleagues whose names were on the page."""

    words: str
    confirmed: frozenset[UUID] = frozenset()


@service
def close_measure(*, by: Actor, measure: Sheet | Result, done: Done, at: datetime) -> Closing:
    """Close a result with what was done. A sheet that its client has not sent becomes a result as it stands.

    :raises WordsMissing, AlreadyClosed: see there
    :raises ReadersNotConfirmed, NoRecordYet: what was done lies in the record, and there is none yet
    """
    receipt = record_look(Act.MEASURE_READ, by=by, target=measure, purpose=purpose_of(by), at=at)
    with transaction.atomic(durable=True):
        lock_client(by=by, client=measure.client, under_cover=True)
        result = _result_of(by, measure, receipt, at)
        if Closing.objects.filter(result=result).exists():
            raise AlreadyClosed(result)
        answers = open_result(shared_vault(by=by, client=result.client), result, receipt=receipt)
        if not done.words and is_alarm(result.questionnaire, answers):
            raise WordsMissing
        vault = record_vault(by=by, client=result.client, confirmed=done.confirmed, at=at)
        closing = Closing(result=result, closed_by=by.user, closed_at=at)
        closing.sealed_words = vault.seal(_filled_up(done.words), bound_to=bind_closing(closing))
        closing.save(force_insert=True)
        enc = SealedDetail.of(bytes(closing.sealed_words), key_name="record")
        record(Act.MEASURE_CLOSED, by=by, target=result, purpose=purpose_of(by), enc=enc, at=at)
        return closing


def open_words(vault: OpenVault, closing: Closing, *, receipt: Receipt) -> str:
    """Open what was noted with a result.

    :raises SealBroken: altered, or moved here from another result
    """
    words: str = json.loads(vault.unseal(closing.sealed_words, bound_to=bind_closing(closing), receipt=receipt))
    return words


def _result_of(by: Actor, measure: Sheet | Result, receipt: Receipt, at: datetime) -> Result:
    if isinstance(measure, Result):
        return measure
    try:
        sheet = sheet_as_it_stands(measure)
    except AlreadySent as sent:
        raise SentMeanwhile(sent.result) from sent
    vault = shared_vault(by=by, client=sheet.client)
    return finish(by=by, vault=vault, sheet=sheet, way=Way.AS_IT_STOOD, receipt=receipt, at=at)


def _filled_up(words: str) -> str:
    text = json.dumps(words, ensure_ascii=False)
    return text + " " * (_ROOM - len(text.encode()))
