"""Couples, families and groups at the gate: what happened with each of those who came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from clients.services.units import members_between
from consent.decide import SAME_VISIT
from consent.models import Event
from consent.services.superseding import FOR_THE_GATE, steps_by_client
from consent.timeline import Step

if TYPE_CHECKING:
    from clients.models import Client


def who_came(unit: "Client", *, session_at: datetime) -> set[UUID]:
    """Say by id whom a session together is asked about.

    Who belonged when it began came, and so did who joined in the same visit and still belongs: the record is often
    made after the first hour. An earlier session than the record is judged by whom it was made for.
    """
    began = max(session_at, unit.made_at)
    return members_between(unit, still_at=began, joined_by=began + SAME_VISIT)


def steps_together(unit: "Client", *, session_at: datetime) -> tuple[Sequence[Step], Mapping[UUID, Sequence[Step]]]:
    """Load everything that happened with a unit itself, and with each of those who came to a session."""
    members = who_came(unit, session_at=session_at)
    steps = steps_by_client(Event.objects.filter(client__in=[unit.pk, *members]).only(*FOR_THE_GATE))
    return steps[unit.pk], {client: steps[client] for client in members}
