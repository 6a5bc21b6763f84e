"""A therapist asks a client to fill in a questionnaire, takes that back, or fills it in with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act
from audit.services import record
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.decide import Allow
from consent.purposes import Purpose
from consent.services.deciding import decide_for
from consent.services.events import lock_client
from consent.services.records import require_signed
from measures.instruments import Instrument
from measures.kinds import Way
from measures.models import Answer, Result, Sheet
from measures.scoring import Answers
from measures.services.answers import has_answers, remove_sheet, store_result
from measures.services.finding import sheet_as_it_stands

if TYPE_CHECKING:
    from clients.models import Client


class MeasureRefused(Refusal):
    """Not possible now; the page says why."""

    act = Act.MEASURE_REFUSED


class LimitsNotSigned(MeasureRefused):
    """An answer may be one that a therapist cannot keep to themselves: the client has to know that first."""

    message = (
        "This client has not signed the limits of confidentiality as they stand. Some answers may be ones that you "
        "cannot keep to yourself, and the client should know that before answering."
    )


class OnePersonsOwn(MeasureRefused):
    """Questions are about one person, and so are the answers."""

    message = "A questionnaire is one person’s own. Ask each of them in their own record."


class Begun(MeasureRefused):
    """The client has answered something: that is not thrown away, and not written over."""

    message = (
        "The client has begun to fill this one in. Let them finish it, or open what is answered so far and close it "
        "as it stands."
    )


@dataclass(frozen=True, repr=False)
class Filled:
    """What therapist and client filled in together. `id` is the form's own number: sent twice, it is one result."""

    id: UUID
    instrument: Instrument
    answers: Answers


@service
@transaction.atomic(durable=True)
def ask_for_measure(*, by: Actor, client: "Client", instrument: Instrument, at: datetime) -> Sheet:
    """Ask a client to fill in a questionnaire; one that waits already is the one.

    :raises LimitsNotSigned, OnePersonsOwn: see there
    """
    lock_client(by=by, client=client)
    known = Sheet.objects.filter(client=client, instrument=instrument.code).first()
    if known is not None:
        return known
    _require_limits(by, client, at)
    sheet = Sheet.objects.create(client=client, instrument=instrument.code, asked_by=by.user, asked_at=at)
    record(Act.MEASURE_ASKED, by=by, target=sheet, purpose=purpose_of(by), at=at)
    return sheet


@service
@transaction.atomic(durable=True)
def take_measure_back(*, by: Actor, sheet: Sheet, at: datetime) -> None:
    """Ask no longer.

    :raises Begun: the client has answered something
    :raises AlreadySent: and sent it
    """
    lock_client(by=by, client=sheet.client)
    sheet = sheet_as_it_stands(sheet)
    if Answer.objects.filter(sheet=sheet).exists():
        raise Begun(sheet)
    remove_sheet(sheet)
    record(Act.MEASURE_TAKEN_BACK, by=by, target=sheet, purpose=purpose_of(by), at=at)


@service
@transaction.atomic(durable=True)
def fill_in_together(*, by: Actor, client: "Client", filled: Filled, at: datetime) -> Result:
    """Keep what a client answered in the room; what waited for the client alone is met by it.

    :raises LimitsNotSigned, OnePersonsOwn, Begun: see there
    :raises NoGrant: this therapist waits for the key to what the client shares
    """
    lock_client(by=by, client=client)
    known = Result.objects.filter(pk=filled.id, client=client).first()
    if known is not None:
        return known
    _require_limits(by, client, at)
    code = filled.instrument.code
    if has_answers(client, code):
        raise Begun(client)
    Sheet.objects.filter(client=client, instrument=code).delete()
    result = Result(
        id=filled.id,
        client=client,
        instrument=code,
        asked_by=by.user,
        asked_at=at,
        finished_by=by.user,
        finished_at=at,
        way=Way.TOGETHER,
    )
    store_result(by=by, vault=shared_vault(by=by, client=client), result=result, answers=filled.answers)
    return result


def may_be_asked(*, client: "Client", at: datetime) -> bool:
    """Say whether this client knows the limits, as a session today would want them known."""
    return isinstance(_decide(client, at), Allow)


def _require_limits(by: Actor, client: "Client", at: datetime) -> None:
    if client.is_unit:
        raise OnePersonsOwn(client)
    decision = _decide(client, at)
    if not isinstance(decision, Allow) or decision.basis is None:
        raise LimitsNotSigned(client)
    require_signed(by=by, subject=client.pk, signature=decision.basis)


def _decide(client: "Client", at: datetime) -> object:
    return decide_for(client=client, purpose=Purpose.SESSION_NOTE, session_at=at, at=at)
