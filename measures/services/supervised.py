"""An answer that cannot wait, as the supervisor of the client's therapist reads it. The therapist closes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor, service
from audit.actors import Named
from audit.acts import Act, Purpose
from audit.services import record_look
from clients.services.contacts import Contact, read_contact
from clients.services.supervised import basis_of_supervision, find_supervised, no_such_supervised
from measures.models import Result, Sheet
from measures.services.reading import Opened, open_measure

if TYPE_CHECKING:
    from clients.models.training import Supervised


@dataclass(frozen=True, repr=False)
class SeenBySupervisor:
    """One questionnaire, with how to reach the client, and by whom it came."""

    supervised: "Supervised"
    contact: Contact
    opened: Opened


def look_as_supervisor(*, by: Actor, client_id: UUID, measure_id: UUID, at: datetime) -> SeenBySupervisor:
    """Record the look, then open one questionnaire whose answer cannot wait, and what was noted with it.

    :raises NoSuchClient, SupervisionClosed: of nobody whom this person reads about as a supervisor, or none, or a
        calm one, which is the therapist's alone to read
    :raises SealBroken: it was altered, or moved here
    """
    supervised = find_supervised(by=by, client_id=client_id)
    return _look(by=by, supervised=supervised, measure_id=measure_id, at=at)


@service
def _look(*, by: Actor, supervised: "Supervised", measure_id: UUID, at: datetime) -> SeenBySupervisor:
    none = no_such_supervised(by=by, client_id=None, asked=Named("measures.measure", measure_id))
    measure = _find(supervised, measure_id)
    if measure is None or measure.questionnaire.alarm_item is None:
        raise none
    basis = basis_of_supervision(supervised)
    receipt = record_look(Act.MEASURE_READ, by=by, target=measure, purpose=Purpose.OPERATIONS, basis=basis, at=at)
    opened = open_measure(by=by, measure=measure, receipt=receipt)
    # No column says which answer is urgent: whoever asked for a calm one is refused after the look, and shown nothing.
    if not opened.is_alarm:
        raise none
    return SeenBySupervisor(supervised, read_contact(by=by, client=supervised.client, receipt=receipt), opened)


def _find(supervised: "Supervised", measure_id: UUID) -> Sheet | Result | None:
    kinds: tuple[type[Sheet | Result], ...] = (Sheet, Result)
    rows = (kind.objects.filter(pk=measure_id, client=supervised.client_id) for kind in kinds)
    return next((row for found in rows if (row := found.select_related("client").first())), None)
