"""Dana's plan for Robin, who has signed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import Entry
from plans.goals import Goal, GoalStatus, Step
from plans.models import Version
from plans.services.reading import OpenPlan, read_plan
from plans.services.writing import Proposal, write_plan
from tests.beginnings import beginning
from tests.notes.conftest import Desk, Log, desk, sams_desk, unsigned  # noqa: F401 (fixtures)
from tests.practice.exporting.conftest import no_press  # noqa: F401 (a fixture)

CANARY = "Wendehals-2209"
_KITCHEN, _SENTENCE = Step("Phone stays in the kitchen"), Step("Practise the sentence", is_done=True)
SLEEP = Goal(uuid4(), f"Sleeps through five nights of seven by March. {CANARY}", steps=(_KITCHEN,))
BROTHER = Goal(uuid4(), "Says no to her brother once", GoalStatus.REACHED, (_SENTENCE,))


@dataclass(frozen=True)
class Plan:
    """A client's plan at their therapist's desk."""

    desk: Desk

    def write(self, *goals: Goal, after: int = 0, review: date | None = None, by: Desk | None = None) -> Version:
        proposal = Proposal(uuid4(), after, goals or (SLEEP, BROTHER), review)
        return write_plan(by=(by or self.desk).by, client=self.desk.client, proposal=proposal, at=timezone.now())

    def read(self, by: Desk | None = None) -> OpenPlan | None:
        return read_plan(by=(by or self.desk).by, client=self.desk.client, at=timezone.now())


@beginning
def planned(desk: Desk) -> Plan:  # noqa: F811 (the fixture)
    """A plan with a goal and another that is reached."""
    plan = Plan(desk)
    plan.write()
    return plan


@pytest.fixture
def log(db: None) -> Callable[[], Log]:
    """Start listening: what is written from now on can be asked for."""
    return lambda: Log(Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
