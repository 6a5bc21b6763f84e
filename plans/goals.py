"""What a treatment plan says: goals in order, how each stands, and the steps on the way."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from uuid import UUID


@unique
class GoalStatus(StrEnum):
    ACTIVE = "active"
    REACHED = "reached"
    PUT_ASIDE = "put_aside"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Mapping[GoalStatus, str] = {
    GoalStatus.ACTIVE: "Active",
    GoalStatus.REACHED: "Reached",
    GoalStatus.PUT_ASIDE: "Put aside",
}


@dataclass(frozen=True, repr=False)
class Step:
    """One step towards a goal."""

    words: str
    is_done: bool = False


@dataclass(frozen=True, repr=False)
class Goal:
    """One goal; `key` stays the same through the versions of a plan."""

    key: UUID
    words: str
    status: GoalStatus = GoalStatus.ACTIVE
    steps: tuple[Step, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.status is GoalStatus.ACTIVE

    @property
    def text(self) -> str:
        """The goal and its steps, as somebody would type them."""
        return "\n".join([self.words, *(f"[{'x' if step.is_done else ' '}] {step.words}" for step in self.steps)])

    @property
    def steps_by_name(self) -> list[tuple[str, Step]]:
        """Each step with the name that a page ticks it by."""
        return [(f"{self.key}/{place}", step) for place, step in enumerate(self.steps)]


def write_goals(goals: Sequence[Goal]) -> str:
    """Write goals as they are sealed."""
    written = [
        {
            "key": str(goal.key),
            "words": goal.words,
            "status": goal.status.value,
            "steps": [{"words": step.words, "done": step.is_done} for step in goal.steps],
        }
        for goal in goals
    ]
    return json.dumps({"goals": written}, ensure_ascii=False)


def read_goals(text: str) -> tuple[Goal, ...]:
    """Read what :func:`write_goals` wrote."""
    return tuple(
        Goal(
            UUID(goal["key"]),
            goal["words"],
            GoalStatus(goal["status"]),
            tuple(Step(step["words"], step["done"]) for step in goal["steps"]),
        )
        for goal in json.loads(text)["goals"]
    )


def changes_between(before: Sequence[Goal], after: Sequence[Goal]) -> list[str]:
    """Say in words what changed from one version to the next; nothing where it was only looked at."""
    old, new = {goal.key: goal for goal in before}, {goal.key: goal for goal in after}
    gone = [f"Taken out: “{old[key].words}”" for key in old.keys() - new.keys()]
    return [*(line for goal in after for line in _changes_of(old.get(goal.key), goal)), *gone]


def _changes_of(before: Goal | None, goal: Goal) -> Iterator[str]:
    if before is None:
        yield f"New goal: “{goal.words}”"
        return
    if before.words != goal.words:
        yield f"Worded anew: “{goal.words}”, before: “{before.words}”"
    if before.status != goal.status:
        yield f"{goal.status.label}: “{goal.words}”"
    yield from _changed_steps(before, goal)


def _changed_steps(before: Goal, goal: Goal) -> Iterator[str]:
    old, new = ({step.words: step.is_done for step in one.steps} for one in (before, goal))
    for words, is_done in new.items():
        if words not in old:
            yield f"New step: “{words}”"
        elif is_done != old[words]:
            yield f"Step {'done' if is_done else 'open again'}: “{words}”"
    for words in old.keys() - new.keys():
        yield f"Step taken out: “{words}”"
