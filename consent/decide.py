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

from collections.abc import Sequence
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


Decision = Allow | Elsewhere | Override | NeedSign | Refused


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
