"""Where a client stands with the limits of confidentiality: a projection of what happened, never a stored state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from uuid import UUID

from consent.kinds import SIGNATURES, EventKind


@dataclass(frozen=True)
class Step:
    """One event, as far as the gate needs it.

    :param until: of an override, when it ends; of `SUPERSEDED`, how long the old signature still
        carries (`None`: until the client signs again)
    """

    id: UUID
    kind: EventKind
    at: datetime
    until: datetime | None = None


@unique
class Status(StrEnum):
    NONE = "none"
    INVITED = "invited"
    IN_PROGRESS = "in_progress"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    VOIDED = "voided"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# The client's yes or no on this practice's own text: from then on, nothing that was signed elsewhere counts.
_OWN_WORD = frozenset({*SIGNATURES, EventKind.DECLINED, EventKind.WITHDRAWN})
# The client said no. Only the client ends that, by signing: neither an invitation nor looking again does.
REFUSALS = frozenset({Status.DECLINED, Status.WITHDRAWN})


@dataclass(frozen=True)
class State:
    """A status, the event that brought it about, and the signature that carries work at this moment, if any."""

    status: Status = Status.NONE
    cause: Step | None = None
    signature: Step | None = None


# Event -> (statuses that it changes, the status after it). What is not listed changes nothing.
_ANY = frozenset(Status)
_BEGINNINGS = frozenset({Status.NONE, Status.INVITED})
_HELD = frozenset({Status.SIGNED, Status.SUPERSEDED})
_MOVES = {
    EventKind.INVITED: (frozenset({Status.NONE}), Status.INVITED),
    EventKind.OPENED: (_BEGINNINGS, Status.IN_PROGRESS),
    EventKind.ESIGN_CONSENTED: (_BEGINNINGS, Status.IN_PROGRESS),
    EventKind.SECTION_DONE: (_BEGINNINGS, Status.IN_PROGRESS),
    EventKind.SIGNED: (_ANY, Status.SIGNED),
    EventKind.PAPER_RECORDED: (_ANY, Status.SIGNED),
    EventKind.SUPERSEDED: (frozenset({Status.SIGNED}), Status.SUPERSEDED),
    EventKind.EXPIRED: (_HELD, Status.EXPIRED),
    EventKind.VOIDED: (_HELD, Status.VOIDED),
    EventKind.DECLINED: (_ANY, Status.DECLINED),
    EventKind.WITHDRAWN: (_ANY, Status.WITHDRAWN),
}
# At the same instant, what closes comes after what opens.
_ORDER = {kind: rank for rank, kind in enumerate([*_MOVES, EventKind.OVERRIDE_CLOSED])}


def state_at(steps: Iterable[Step], at: datetime) -> State:
    """Say where the client stood at a moment, by what had happened up to and including it.

    The order in which `steps` come does not matter.
    """
    state = State()
    for step in _past(steps, at):
        state = _follow(state, step)
    if _run_out(state, at):
        return State(state.status, state.cause)
    return state


def override_at(steps: Iterable[Step], at: datetime) -> Step | None:
    """Find the emergency reason that was running at a moment; of several, the one that runs longest."""
    running: list[Step] = []
    for step in _past(steps, at):
        if step.kind is EventKind.OVERRIDE_CLOSED:
            running.clear()
        elif step.kind is EventKind.OVERRIDE_OPENED and step.until is not None and at < step.until:
            running.append(step)
    return max(running, key=_end, default=None)


def elsewhere_at(steps: Sequence[Step], at: datetime) -> Step | None:
    """Find what says that a client signed before, elsewhere, as long as it carries at a moment.

    It does not begin: the paper is older than the import. It ends on its day, or with the client's own word here.
    """
    said = [step for step in steps if step.kind is EventKind.SIGNED_ELSEWHERE and step.until and at < step.until]
    answered = any(step.at <= at and step.kind in _OWN_WORD for step in steps)
    return None if answered else max(said, key=_end, default=None)


def without_voided(steps: Iterable[Step]) -> Sequence[Step]:
    """Leave out each signature that was entered in error: what a void takes away never carried anything."""
    kept: list[Step] = []
    for step in sorted(steps, key=_key):
        if step.kind is EventKind.VOIDED:
            _drop_last_signature(kept)
        kept.append(step)
    return kept


def _drop_last_signature(steps: list[Step]) -> None:
    for index in range(len(steps) - 1, -1, -1):
        if steps[index].kind in SIGNATURES:
            del steps[index]
            return


def _past(steps: Iterable[Step], at: datetime) -> list[Step]:
    return sorted((step for step in steps if step.at <= at), key=_key)


def _key(step: Step) -> tuple[datetime, int, UUID]:
    return step.at, _ORDER.get(step.kind, 0), step.id


def _end(step: Step) -> datetime:
    return step.until or step.at


def _follow(state: State, step: Step) -> State:
    changes, after = _MOVES.get(step.kind, (frozenset(), state.status))
    if state.status not in changes:
        return state
    if step.kind in SIGNATURES:
        return State(after, step, step)
    return State(after, step, state.signature if after is Status.SUPERSEDED else None)


def _run_out(state: State, at: datetime) -> bool:
    cause = state.cause
    return cause is not None and state.status is Status.SUPERSEDED and cause.until is not None and at >= cause.until
