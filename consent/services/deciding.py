"""The gate, asked with what the database holds, and where each client stands in plain words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from clients.services.units import members_of_units
from consent.decide import FEWEST, Decision, NeedSign, decide, decide_together
from consent.kinds import SIGNATURES, DocumentKind, EventKind
from consent.models import Event, Version
from consent.purposes import Purpose
from consent.services.superseding import FOR_THE_GATE, steps_by_client
from consent.services.together import steps_together
from consent.timeline import REFUSALS, State, Status, Step, elsewhere_at, override_at, state_at, without_voided
from keys.prepared import Prepared

if TYPE_CHECKING:
    from clients.models import Client

VARIANT = "individual"
_FOR_STANDING = (*FOR_THE_GATE, "question_id", "version__version")
# Each of them answers or replaces the wish for paper that came before it.
_PAPER = frozenset({EventKind.PAPER_ASKED, EventKind.PAPER_DROPPED, *SIGNATURES})
_WORDS = {
    Status.NONE: "not begun",
    Status.INVITED: "not begun",
    Status.IN_PROGRESS: "reading",
    Status.SUPERSEDED: "signed an earlier version",
    Status.EXPIRED: "expired",
    Status.VOIDED: "entered in error",
    Status.DECLINED: "declined",
    Status.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True)
class Standing:
    """Where a client stands, for lists and for managers: no word of what was said.

    :param words: such as "signed on 22 Nov 2026, version 1.0.0"
    :param debts: the emergency reasons that no signature has answered yet, the oldest first
    :param override_until: how long an emergency reason runs from now
    :param elsewhere_until: how long a signature given elsewhere counts, before this practice's own text is signed
    :param unanswered: how many of the client's questions wait for the therapist
    :param wants_paper: the client asked for the form on paper, and has not signed since
    """

    state: State
    words: str
    debts: tuple[Step, ...]
    override_until: datetime | None
    elsewhere_until: datetime | None
    unanswered: int
    wants_paper: bool

    @property
    def is_signed(self) -> bool:
        return self.state.signature is not None


def decide_for(*, client: "Client", purpose: Purpose, session_at: datetime, at: datetime) -> Decision:
    """Answer whether this may be written about this client, by the table of :mod:`consent.decide`.

    :param session_at: when the session began
    :param at: now
    """
    decision = _ask(client, purpose, session_at=session_at, at=at)
    # Which text there is to sign matters to nobody who may go on.
    return replace(decision, version=current_id(at=at)) if isinstance(decision, NeedSign) else decision


def _ask(client: "Client", purpose: Purpose, *, session_at: datetime, at: datetime) -> Decision:
    if client.is_unit:
        own, members = steps_together(client, session_at=session_at)
        return decide_together(own, members, purpose, session_at=session_at, now=at, version=None)
    return decide(steps_of(client), purpose, session_at=session_at, now=at, version=None)


def current_version(*, at: datetime, kind: DocumentKind = DocumentKind.CONFIDENTIALITY) -> Version | None:
    """Find the published text that a client would read now, if one is published."""
    return _in_force(at, kind).first()


def current_id(*, at: datetime, kind: DocumentKind = DocumentKind.CONFIDENTIALITY) -> UUID | None:
    """Say which text that is, without loading its words."""
    return _ids_in_force.first(at=at, kind=kind)


@Prepared
def _ids_in_force(at: datetime, kind: DocumentKind) -> QuerySet[Version, UUID]:
    return _in_force(at, kind).values_list("pk", flat=True)


def _in_force(at: datetime, kind: DocumentKind) -> QuerySet[Version]:
    in_force = Version.objects.filter(kind=kind, variant=VARIANT, effective_at__lte=at)
    return in_force.order_by("-effective_at", "-published_at")


def steps_of(client: "Client") -> list[Step]:
    """Load everything that happened with one client, as the gate needs it."""
    return steps_by_client(_events.all(client=client.pk))[client.pk]


@Prepared
def _events(client: UUID) -> QuerySet[Event]:
    return Event.objects.filter(client=client).only(*FOR_THE_GATE)


def signature_of(*, client: "Client", at: datetime) -> Step | None:
    """Find the signature that is in force for one client, if there is one."""
    return state_at([step for step in steps_of(client) if step.at <= at], at).signature


def state_of(*, client: "Client", at: datetime) -> Standing:
    """Say where one client stands."""
    if client.is_unit:
        return states_of(clients=[client], at=at)[client.pk]
    return _standings([client], _events_until.all(client=client.pk, at=at), at)[client.pk]


@Prepared
def _events_until(client: UUID, at: datetime) -> QuerySet[Event]:
    return _for_standing(at).filter(client=client)


def _for_standing(at: datetime) -> QuerySet[Event]:
    return Event.objects.filter(at__lte=at).select_related("version").only(*_FOR_STANDING)


def states_of(*, clients: "Sequence[Client]", at: datetime) -> dict[UUID, Standing]:
    """Say where each of several clients stands, in two queries for all, and two more where some come together."""
    standings = _standings(clients, list(_for_standing(at).filter(client__in=clients)), at)
    units = {client.pk: standings[client.pk] for client in clients if client.is_unit}
    return standings | _standings_together(units, at)


def _standings_together(units: Mapping[UUID, Standing], at: datetime) -> dict[UUID, Standing]:
    """Say where each unit stands: where all of its members do."""
    if not units:
        return {}
    members = members_of_units(units)
    everybody = {client for each in members.values() for client in each}
    steps = steps_by_client(_for_standing(at).filter(client__in=everybody))
    return {pk: _together(own, [steps[client] for client in members[pk]], at) for pk, own in units.items()}


def _together(own: Standing, members: list[list[Step]], at: datetime) -> Standing:
    states = [state_at(steps, at) for steps in members]
    signed = [state.signature for state in states if state.signature]
    carried = [step.until for steps in members if (step := elsewhere_at(steps, at)) and step.until]
    refused = sorted(state.status for state in states if state.status in REFUSALS)
    agreed, all_of_them = len(signed) + len(carried), len(members)
    last = max(signed, key=lambda step: step.at) if len(signed) == all_of_them >= FEWEST else None
    return replace(
        own,
        state=State(Status.SIGNED, last, last) if last else State(refused[0] if refused else Status.NONE),
        words=_words_together(agreed, all_of_them, refused),
        debts=tuple(debt for debt in own.debts if last is None or debt.at >= last.at),
        elsewhere_until=min(carried) if carried and agreed == all_of_them >= FEWEST else None,
    )


def _words_together(agreed: int, all_of_them: int, refused: list[Status]) -> str:
    if refused:
        return f"somebody has {refused[0].value}"
    if all_of_them < FEWEST:
        return "fewer than two belong"
    return f"all {all_of_them} have signed" if agreed == all_of_them else f"{agreed} of {all_of_them} have signed"


def _standings(clients: "Sequence[Client]", rows: list[Event], at: datetime) -> dict[UUID, Standing]:
    waiting: dict[UUID, set[UUID]] = defaultdict(set)
    signed: dict[UUID, str] = {}
    steps, answered = steps_by_client(rows), {event.question_id for event in rows}
    for event in rows:
        if event.kind == EventKind.QUESTION_ASKED and event.id not in answered:
            waiting[event.client_id].add(event.id)
        if event.version:
            signed[event.id] = event.version.version
    return {client.pk: _standing(client, steps[client.pk], len(waiting[client.pk]), signed, at) for client in clients}


def debts_of(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Find the emergency reasons that no later signature has answered."""
    steps = without_voided(steps)
    last = max((step.at for step in steps if step.kind in SIGNATURES), default=None)
    opened = [step for step in steps if step.kind is EventKind.OVERRIDE_OPENED]
    return tuple(step for step in opened if last is None or step.at > last)


def wants_paper(steps: Iterable[Step]) -> bool:
    """Say whether paper is the last word: asked for, and neither taken back nor overtaken by a signature."""
    choices = [step for step in steps if step.kind in _PAPER]
    return bool(choices) and max(choices, key=lambda step: step.at).kind is EventKind.PAPER_ASKED


def _standing(
    client: "Client", steps: list[Step], unanswered: int, versions: dict[UUID, str], at: datetime
) -> Standing:
    state, override, elsewhere = state_at(steps, at), override_at(steps, at), elsewhere_at(steps, at)
    return Standing(
        state=state,
        words=_words(client, state, versions, elsewhere),
        debts=debts_of(steps),
        override_until=override.until if override else None,
        elsewhere_until=elsewhere.until if elsewhere else None,
        unanswered=unanswered,
        wants_paper=wants_paper(steps),
    )


def _words(client: "Client", state: State, versions: dict[UUID, str], elsewhere: Step | None) -> str:
    if state.status is Status.SIGNED and state.signature:
        day = date_format(localtime(state.signature.at), "j M Y")
        return f"signed on {day}, version {versions[state.signature.id]}"
    if elsewhere:
        return f"signed elsewhere, to sign here by {date_format(localtime(elsewhere.until), 'j M Y')}"
    if client.user_id is None and state.status is Status.NONE:
        return "no account yet"
    return _WORDS[state.status]
