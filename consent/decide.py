"""The one gate: may this be written about this client now?

A treatment plan is judged like a session note about now. What counts is the moment of the session, not the moment of
writing. The first row that fits decides:

====================================================  =======================  =================================
the client                                            session, process note    emergency note
====================================================  =======================  =================================
had signed when the session began                     Allow                    Allow
signed within `SAME_VISIT` after it began             Allow                    Allow
signed before, elsewhere, and that still counted      Elsewhere                Elsewhere
an emergency reason runs now, or ran at the session   (look further down)      Override
had refused when the session began, or refuses now    Refused                  Refused
anything else                                         NeedSign                 NeedSign
====================================================  =======================  =================================

Contact, refusal and safety notes, and finishing what was begun, are always allowed.

A couple, family or group signs nothing: each of its members does, for themselves. The table is asked about each of
them, and a session together is open only where it is open with everybody; see :func:`decide_together`.

Why each row. Thursday's session is written down on Sunday, though the client withdrew on Friday; Saturday's is not.
A first visit often begins minutes before the signature that is given in the room. A session on another day before the
signature was held without the limits being known; a signature given later does not change that, so
`NeedSign.signed_since` says so and the therapist gives an emergency reason, which stays visible. Such a reason covers
what is written while it runs, because it is often given after the session, and what was held while it ran, because the
session counts. Who was brought in with a paper that they signed elsewhere signs here at one of the next sessions. Until
then, and no longer than the practice's setting says, sessions rest on that paper, those before the import too; the
client's own yes or no here ends that from its moment on. Somebody who said no is not to be asked over again. A void
takes a signature away from the start.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from consent.kinds import SIGNATURES
from consent.purposes import ALWAYS_OPEN, Purpose
from consent.timeline import REFUSALS, State, Step, elsewhere_at, override_at, state_at, without_voided

SAME_VISIT = timedelta(hours=12)
OVERRIDE_LASTS = timedelta(hours=72)


@dataclass(frozen=True)
class Allow:
    """Go on. `basis` is the signature's event, or `None` where none is needed and none was in force."""

    basis: UUID | None


@dataclass(frozen=True)
class Elsewhere:
    """Go on because the client signed before, elsewhere: `basis` is the event that says so, `until` its end."""

    basis: UUID
    until: datetime


@dataclass(frozen=True)
class Override:
    """Go on under an emergency reason: `basis` is its event, `until` its end."""

    basis: UUID
    until: datetime


@dataclass(frozen=True)
class NeedSign:
    """The client has to sign `version` first, `None` where nothing is published yet.

    :param signed_since: the client signed only after this session, so another signature would not help
    """

    version: UUID | None
    signed_since: datetime | None


@dataclass(frozen=True)
class Refused:
    """The client said no, declined or withdrew, as `state` tells."""

    state: State


@dataclass(frozen=True)
class Together:
    """Go on: everybody who came had said yes. `bases` is what each of them goes on by, by client."""

    bases: Mapping[UUID, Allow | Elsewhere]


Decision = Allow | Elsewhere | Override | NeedSign | Refused | Together
# With one person nobody works together.
FEWEST = 2


def decide(
    steps: Sequence[Step],
    purpose: Purpose,
    *,
    session_at: datetime,
    now: datetime,
    version: UUID | None,
) -> Decision:
    """Answer for one purpose and one session, by the table above.

    :param steps: every event of this client, in any order
    :param session_at: when the session began; a moment to come is judged by what is known `now`
    :param version: the published version that this client would sign
    """
    steps = [step for step in steps if step.at <= now]
    signature = _signature_for(steps, session_at)
    if signature or purpose in ALWAYS_OPEN:
        return Allow(signature.id if signature else None)
    elsewhere = elsewhere_at(steps, session_at)
    if elsewhere and elsewhere.until:
        return Elsewhere(elsewhere.id, elsewhere.until)
    override = override_at(steps, now) or override_at(steps, session_at)
    if override and override.until and purpose is Purpose.EMERGENCY_NOTE:
        return Override(override.id, override.until)
    return _closed(steps, session_at, now, version)


def _signature_for(steps: Sequence[Step], session_at: datetime) -> Step | None:
    valid = without_voided(steps)
    in_force = state_at(valid, session_at).signature
    if in_force:
        return in_force
    same_visit = [step for step in valid if step.kind in SIGNATURES and session_at < step.at <= session_at + SAME_VISIT]
    return min(same_visit, key=lambda step: step.at, default=None)


def _closed(steps: Sequence[Step], session_at: datetime, now: datetime, version: UUID | None) -> NeedSign | Refused:
    for moment in (now, session_at):
        state = state_at(steps, moment)
        if state.status in REFUSALS:
            return Refused(state)
    signature = state_at(steps, now).signature
    return NeedSign(version, signature.at if signature and signature.at > session_at else None)


def decide_together(
    own: Sequence[Step],
    members: Mapping[UUID, Sequence[Step]],
    purpose: Purpose,
    *,
    session_at: datetime,
    now: datetime,
    version: UUID | None,
) -> Decision:
    """Answer for a session of several people: yes only where each of them, asked alone, had said yes.

    An emergency reason has to be the unit's own: one that was given for a member opens nothing here.

    :param own: the events of the unit itself
    :param members: those of everybody who came, by client
    """
    answers = {
        client: decide(steps, Purpose.SESSION_NOTE, session_at=session_at, now=now, version=version)
        for client, steps in members.items()
    }
    agreed = {client: answer for client, answer in answers.items() if isinstance(answer, Allow | Elsewhere)}
    if len(agreed) == len(members) >= FEWEST:
        return Together(agreed)
    alone = decide(own, purpose, session_at=session_at, now=now, version=version)
    # No other event of its own opens it: nobody signs for several, here or elsewhere.
    if isinstance(alone, Override) or purpose in ALWAYS_OPEN:
        return alone
    return _first_no(answers.values(), version)


def _first_no(answers: Collection[Decision], version: UUID | None) -> Decision:
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    if refused:
        return min(refused, key=lambda answer: answer.state.status)
    waiting = [answer for answer in answers if isinstance(answer, NeedSign)]
    since = [answer.signed_since for answer in waiting]
    # All of them have signed by now, and some of them after this session.
    late = [moment for moment in since if moment is not None]
    return NeedSign(version, max(late) if late and len(late) == len(since) else None)
