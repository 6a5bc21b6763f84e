"""Writing a plan: each time another version, and what was before stays."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act, Ground
from audit.entries import Basis, SealedDetail
from audit.services import record
from clients.services.purposes import purpose_of
from clients.services.vaults import record_vault
from consent.decide import Allow, Elsewhere, Together
from consent.purposes import Purpose
from consent.services.all_signed import note_all_signed, require_all_signed
from consent.services.deciding import decide_for
from consent.services.events import lock_client
from consent.services.records import require_signed
from plans.goals import Goal, write_goals
from plans.models import Version
from plans.sealed import bind_goals
from plans.services.finding import plan_of
from plans.services.reading import open_plan

if TYPE_CHECKING:
    from clients.models import Client


class PlanRefused(Refusal):
    """The plan stays as it is; `message` says why."""

    act = Act.PLAN_REFUSED


class PlanWaits(PlanRefused):
    """The gate says no."""

    message = (
        "A plan waits for the client’s signature, as a session note does, and stays as it is after the client said no. "
        "What you typed stands below and is not kept yet. What cannot wait belongs in a safety or an emergency note."
    )


class PlanMovedOn(PlanRefused):
    """Another window or a colleague was faster."""

    message = (
        "This plan was changed in another window or by a colleague meanwhile. Nothing is overwritten: what you typed "
        "stands in the fields, and the plan as it is now below them. Bring both together, then save."
    )


@dataclass(frozen=True, repr=False)
class Proposal:
    """What a plan is to say.

    :param form: drawn with the page, so that the same text sent twice writes one version
    :param after: the number of the version that it was written upon; 0 for none
    :param confirmed: colleagues whose names were on the page, where this makes the record
    """

    form: UUID
    after: int
    goals: tuple[Goal, ...]
    review_date: date | None = None
    confirmed: frozenset[UUID] = frozenset()

    def version_of(self, client: "Client") -> UUID:
        """Name the version that this becomes. Another text of the same page is another version.

        It says nothing of the text to whoever reads the database: the number of the page is kept nowhere.
        """
        said = (client.pk, self.after, self.review_date, write_goals(self.goals))
        return uuid5(self.form, "\n".join(map(str, said)))


@service
@transaction.atomic(durable=True)
def write_plan(*, by: Actor, client: "Client", proposal: Proposal, at: datetime) -> Version:
    """Write a plan, or another version of it.

    :raises PlanWaits, PlanMovedOn: see there
    :raises ReadersNotConfirmed: this makes the record, and its readers were not shown
    :raises NoSuchClient: no longer in their care; under cover a plan is read and not written
    """
    return _write(by, client, proposal, at)


@service
def tick_steps(*, by: Actor, client: "Client", ticked: Proposal, done: frozenset[str], at: datetime) -> Version | None:
    """Record the look, then write a version in which these steps are done and no others.

    :param ticked: of which page, and upon which version; what else it says is the plan's own
    :param done: steps, by the names that the page has for them
    :returns: none where there is no plan
    :raises PlanWaits, PlanMovedOn: see there
    """
    opened = open_plan(by=by, client=client, at=at)
    if opened is None:
        return None
    if opened.is_broken:
        # These are the steps of another version than the page had.
        raise PlanMovedOn(client)
    goals = tuple(_ticked(goal, done) for goal in opened.goals)
    if goals == opened.goals and ticked.after == opened.latest.number:
        return opened.latest
    with transaction.atomic(durable=True):
        return _write(by, client, replace(ticked, goals=goals, review_date=opened.latest.review_date), at)


def _ticked(goal: Goal, done: frozenset[str]) -> Goal:
    return replace(goal, steps=tuple(replace(step, is_done=name in done) for name, step in goal.steps_by_name))


def _write(by: Actor, client: "Client", proposal: Proposal, at: datetime) -> Version:
    lock_client(by=by, client=client)
    latest, name = plan_of(by=by, client=client), proposal.version_of(client)
    if latest and latest.pk == name:
        return latest
    number = latest.number if latest else 0
    if proposal.after != number:
        raise PlanMovedOn(client)
    basis = _basis(by, client, at)
    vault = record_vault(by=by, client=client, confirmed=proposal.confirmed, at=at)
    version = Version(id=name, client=client, number=number + 1, author=by.user, written_at=at)
    version.review_date = proposal.review_date
    version.sealed_goals = vault.seal(write_goals(proposal.goals), bound_to=bind_goals(version))
    version.save(force_insert=True)
    enc = SealedDetail.of(bytes(version.sealed_goals), key_name="record")
    record(
        Act.PLAN_WRITTEN,
        by=by,
        target=version,
        purpose=purpose_of(by),
        basis=basis,
        enc=enc,
        revision=version.number,
        at=at,
    )
    return version


def _basis(by: Actor, client: "Client", at: datetime) -> Basis:
    decision = decide_for(client=client, purpose=Purpose.TREATMENT_PLAN, session_at=at, at=at)
    if isinstance(decision, Allow) and decision.basis:
        require_signed(by=by, subject=client.pk, signature=decision.basis)
        return Basis(Ground.CONSENT, decision.basis)
    if isinstance(decision, Together):
        require_all_signed(by=by, decision=decision)
        return Basis(Ground.CONSENT, note_all_signed(by=by, unit=client, decision=decision, at=at))
    if isinstance(decision, Elsewhere):
        return Basis(Ground.ELSEWHERE, decision.basis)
    raise PlanWaits(client)
