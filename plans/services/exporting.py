"""What an exported record has of this app: the plan for programs, and for people every version of it besides."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid5

from django.utils.formats import date_format

from clients.exports import Chapter, Gathering, Leaf, Part, Resource, register_part
from clients.fhir import TERMINOLOGY, concept, moment, refer_to, refer_to_client, refer_to_staff, resource
from clients.services.exporting import when, why_closed
from keys.errors import KeysError
from plans.goals import Goal, GoalStatus, Step
from plans.models import Version
from plans.services.reading import unseal_goals, vault_of

_LIFECYCLE = {GoalStatus.ACTIVE: "active", GoalStatus.REACHED: "completed", GoalStatus.PUT_ASIDE: "on-hold"}


def register() -> None:
    """Declare the part."""
    register_part(Part("plans", "Treatment plan", 15, gather_plan))


def gather_plan(gathering: Gathering) -> Chapter:
    """Open every version of a plan, the newest first."""
    versions = Version.objects.filter(client=gathering.client).select_related("client", "author").order_by("-number")
    gathered = [_gather(gathering, version) for version in versions]
    # Programs get what holds: of earlier goals they could not tell that they are no more.
    resources = tuple(_resources(versions[0], gathered[0][1])) if gathered and gathered[0][1] else ()
    return Chapter(tuple(leaf for leaf, _ in gathered), resources=resources)


def _gather(gathering: Gathering, version: Version) -> tuple[Leaf, tuple[Goal, ...]]:
    gathering.receipt.covers_client(gathering.client.audit_handle)
    title = f"Treatment plan, version {version.number}, {when(version.written_at)}"
    facts = [("Written by", version.author.display_name)]
    if version.review_date:
        facts.append(("To be looked at again", date_format(version.review_date, "j F Y")))
    try:
        vault = vault_of(by=gathering.by, client=gathering.client)
        goals = unseal_goals(vault, version, receipt=gathering.receipt)
    except KeysError as error:
        return Leaf(title, tuple(facts), problem=why_closed(gathering, error)), ()
    passages = ((f"Goal {place}: {goal.status.label}", goal.text) for place, goal in enumerate(goals, start=1))
    return Leaf(title, tuple(facts), tuple(passages)), goals


def _resources(version: Version, goals: tuple[Goal, ...]) -> Iterator[Resource]:
    aims = [_goal(version, goal) for goal in goals]
    yield resource(
        "CarePlan",
        version.pk,
        status=status_of({goal.status for goal in goals}),
        intent="plan",
        title="Treatment plan",
        subject=refer_to_client(version.client),
        created=moment(version.written_at),
        author=refer_to_staff(version.author),
        goal=[refer_to(aim) for aim in aims],
        activity=[_activity(step, aim) for goal, aim in zip(goals, aims, strict=True) for step in goal.steps],
        note=[{"text": f"To be looked at again on {version.review_date.isoformat()}."}] if version.review_date else [],
    )
    yield from aims


def status_of(found: set[GoalStatus]) -> str:
    """Say how a plan stands, in the words of FHIR, from how its goals stand."""
    if GoalStatus.ACTIVE in found:
        return _LIFECYCLE[GoalStatus.ACTIVE]
    # One that was reached is what the plan came to; where all were put aside, so is the plan.
    return _LIFECYCLE[GoalStatus.REACHED if GoalStatus.REACHED in found else GoalStatus.PUT_ASIDE]


def _goal(version: Version, goal: Goal) -> dict[str, Any]:
    achieved = concept(f"{TERMINOLOGY}/goal-achievement", "achieved")
    return resource(
        "Goal",
        uuid5(version.pk, str(goal.key)),
        lifecycleStatus=_LIFECYCLE[goal.status],
        achievementStatus=achieved if goal.status is GoalStatus.REACHED else None,
        description=concept(text=goal.words),
        subject=refer_to_client(version.client),
        expressedBy=refer_to_staff(version.author),
    )


def _activity(step: Step, aim: Resource) -> dict[str, Any]:
    status = "completed" if step.is_done else "not-started"
    return {"detail": {"status": status, "description": step.words, "goal": [refer_to(aim)]}}
