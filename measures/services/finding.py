"""Lock 2 for questionnaires: those of clients whom this person looks after, and one's own."""

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from access.acting import Actor, service
from access.roles import Role
from audit.actors import Named
from clients.services.covers import no_such, reachable_by
from measures.models import Result, Sheet

if TYPE_CHECKING:
    from clients.models import Client

_ITS_OWN = (Role.THERAPIST, Role.CLIENT)
Kind = TypeVar("Kind", Sheet, Result)


class AlreadySent(Exception):
    """The sheet became a result, on another device or by a therapist's hand: nothing is refused, only too late."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.pk)
        self.result = result


@service
def find_measure(*, by: Actor, client_id: UUID, measure_id: UUID) -> Sheet | Result:
    """Find one questionnaire, waiting or sent.

    :raises NoSuchClient: of somebody who is not theirs, or none; the address as asked is in the log
    :raises CoverClosed: of a record that this person had opened under cover
    """
    measure = _first(Sheet, by, client_id, measure_id) or _first(Result, by, client_id, measure_id)
    if measure is None:
        raise no_such(by=by, client_id=client_id, asked=Named("measures.measure", measure_id))
    return measure


@service
def find_sheet(*, by: Actor, client_id: UUID, measure_id: UUID) -> Sheet:
    """Find a questionnaire that is still to be filled in.

    :raises AlreadySent: it is a result by now
    :raises NoSuchClient: as :func:`find_measure`
    """
    sheet = _first(Sheet, by, client_id, measure_id)
    if sheet is not None:
        return sheet
    result = _first(Result, by, client_id, measure_id)
    if result is not None:
        raise AlreadySent(result)
    raise no_such(by=by, client_id=client_id, asked=Named("measures.measure", measure_id))


def sheet_as_it_stands(sheet: Sheet) -> Sheet:
    """Look again at a sheet that was found before the client was locked.

    :raises AlreadySent: it was sent meanwhile
    """
    now = Sheet.objects.filter(pk=sheet.pk).select_related("client").first()
    if now is None:
        raise AlreadySent(Result.objects.select_related("client").get(pk=sheet.pk))
    return now


def waiting_sheets(client: "Client") -> list[Sheet]:
    """List what a client was asked to fill in and has not sent, the oldest first; no answer is opened."""
    return list(Sheet.objects.filter(client=client).select_related("client").order_by("asked_at"))


def sent_results(client: "Client") -> list[Result]:
    """List what came in about a client, the newest first; no answer is opened."""
    results = Result.objects.filter(client=client).select_related("client", "finished_by", "closing__closed_by")
    return list(results.order_by("-finished_at"))


def _first(model: type[Kind], by: Actor, client_id: UUID, measure_id: UUID) -> Kind | None:
    if by.role not in _ITS_OWN:
        return None
    rows = model.objects.filter(pk=measure_id, client=client_id, client__in=reachable_by(by))
    return rows.select_related("client").first()
