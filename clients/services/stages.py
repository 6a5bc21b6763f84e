"""How far the release of a will has come, and who has a part in it: from rows alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import find_user, staff_with
from access.states import State
from audit.actors import Named
from clients.kinds import Step
from clients.models.custody import Release, Will
from clients.services.wills import NoSuchWill, lock_will, will_of

if TYPE_CHECKING:
    from access.models import User


class NotYours(Refusal):
    """There is no will, or it is not for this person to release it: the same words."""

    message = "There is nothing of this colleague’s that you could have released. Nothing was changed."


class AnotherStep(Refusal):
    """The page was shown before somebody else went a step further, or it is not time yet."""

    message = "This has moved on since the page was shown, or it is not time yet. Nothing was changed."


class Turn(StrEnum):
    """What comes next in the release of a step."""

    ASK = "ask"
    CONFIRM = "confirm"
    WAIT = "wait"
    GIVE = "give"
    DONE = "done"


@dataclass(frozen=True)
class Stage:
    """How far the release of a will has come. `release` is of this step, and absent before it was asked for.

    :param last: the newest release there was of this will, of whatever step, standing or ended
    :param stands: whether there is anything to stop
    """

    step: Step
    turn: Turn
    release: Release | None
    last: Release | None
    stands: bool

    @property
    def mark(self) -> str:
        """Say what a page showed, so that a form sent later does nothing else."""
        # Of what was asked and stopped too: a form from before a therapist's return must not ask once more.
        seen = self.release or self.last
        return f"{self.step}:{self.turn}:{seen.pk if seen else ''}"


@service
def find_will(*, by: Actor, therapist_id: UUID) -> Will:
    """Find the will of a colleague whose release this person may have a part in: managers, and the custodian.

    :raises NotYours: there is none, or it is one's own
    """
    therapist = find_user(therapist_id)
    return _require_part(by, will_of(therapist) if therapist else None, therapist_id)


def stage_of(will: Will, *, at: datetime) -> Stage:
    """Say what comes next, from rows alone."""
    every = Release.objects.filter(will=will).select_related("asked_by", "confirmed_by", "given_by")
    rows = list(every.order_by("asked_at"))
    open_rows = [row for row in rows if row.ended_at is None]
    standing = {Step(row.step): row for row in open_rows if row.until is None or row.until > at}
    contacts = standing.get(Step.CONTACTS)
    step = Step.NOTES if contacts and contacts.given_at else Step.CONTACTS
    release = standing.get(step)
    return Stage(step, _turn(release, at), release, rows[-1] if rows else None, stands=bool(standing))


def lock_stage(*, by: Actor, will: Will, seen: str, turn: Turn, at: datetime) -> tuple[Will, Stage]:
    """Hold a request to what its page showed and to what comes next now. Belongs inside the caller's transaction.

    :param seen: the mark of the stage that was on the page
    :raises NotYours, AnotherStep: see there
    """
    locked = lock_part(by=by, will=will)
    stage = stage_of(locked, at=at)
    if stage.turn != turn or stage.mark != seen:
        raise AnotherStep(locked.therapist)
    return locked, stage


def lock_part(*, by: Actor, will: Will) -> Will:
    """Let one request at a time go on with a release that this person has a part in.

    :raises NotYours: see there
    """
    try:
        locked = lock_will(pk=will.pk)
    except NoSuchWill:
        raise NotYours(Named("access.user", will.therapist_id)) from None
    return _require_part(by, locked, will.therapist_id)


def entitled(will: Will) -> "list[User]":
    """List who has a part in a release: the custodian, and every manager but the therapist themself."""
    people = {will.custodian, *staff_with(Role.MANAGER)} - {will.therapist}
    return sorted((user for user in people if user.state == State.ACTIVE), key=lambda user: user.display_name)


def needs_sheets(will: Will, release: Release) -> bool:
    """Say whether nobody but the asker is left to confirm, so that the holders of printed codes have to."""
    return not [user for user in entitled(will) if user != release.asked_by]


def _turn(release: Release | None, at: datetime) -> Turn:
    if release is None:
        return Turn.ASK
    if release.free_at is None:
        return Turn.CONFIRM
    if release.given_at is not None:
        return Turn.DONE
    return Turn.GIVE if release.free_at <= at else Turn.WAIT


def _require_part(by: Actor, will: Will | None, therapist_id: UUID) -> Will:
    # Nobody has a part in their own: neither as the manager they may be, nor in any other role.
    if will is None or by.user not in entitled(will):
        raise NotYours(Named("access.user", therapist_id))
    return will
