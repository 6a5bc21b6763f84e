"""Steps of a release that lean on the practice's printed codes: keys for the custodian, and a second person's word."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor, service
from audit.services import Receipt
from clients.services.giving import begin_giving, give
from clients.services.releasing import confirm_release
from clients.services.stages import AnotherStep, Turn, stage_of
from keys.services import recovery_plan
from practice.recovery.care import hold_recovery_key
from practice.recovery.ceremony import open_sheets

if TYPE_CHECKING:
    from clients.models.custody import Release, Will

# One sheet alone is one person alone.
_SEVERAL = 2


def give_by_sheets(
    *, by: Actor, will: "Will", seen: str, keys_seen: str, codes: Mapping[int, str], at: datetime
) -> list[str]:
    """Give the custodian what this step releases, by enough printed codes; the entry that it begins comes first.

    Whoever leads gets no key by it.

    :param seen, keys_seen: see :func:`clients.services.giving.give`
    :returns: the codes of clients whose keys could not be given
    :raises CodesNotRight, RecoveryKeyRefused, AnotherStep: see there; nothing was changed
    """
    holding, receipt = _open(by=by, will=will, seen=seen, codes=codes, at=at)
    return give(by=holding, will=will, seen=seen, keys_seen=keys_seen, receipt=receipt, at=at)


def confirm_by_sheets(*, by: Actor, will: "Will", seen: str, codes: Mapping[int, str], at: datetime) -> "Release":
    """Let the holders of printed codes be the second person, where nobody else is there who could confirm.

    :raises CodesNotRight, RecoveryKeyRefused, SecondPerson: see there; nothing was changed
    """
    _try_sheets(by=by, will=will, codes=codes, at=at)
    _, needed = recovery_plan() or (0, 0)
    return confirm_release(by=by, will=will, seen=seen, by_sheets=needed >= _SEVERAL, at=at)


@service
def _try_sheets(*, by: Actor, will: "Will", codes: Mapping[int, str], at: datetime) -> None:  # noqa: ARG001 (for the log)
    open_sheets(by=by, codes=codes, about=will.therapist)


@service
def _open(*, by: Actor, will: "Will", seen: str, codes: Mapping[int, str], at: datetime) -> tuple[Actor, Receipt]:
    """Take the practice recovery key in hand, and put into the log before that what it is for."""
    stage = stage_of(will, at=at)
    if stage.release is None or stage.turn != Turn.GIVE or stage.mark != seen:
        raise AnotherStep(will.therapist)
    founder = open_sheets(by=by, codes=codes, about=will.therapist)
    receipt = begin_giving(by=by, will=will, release=stage.release, at=at)
    return hold_recovery_key(by, founder, will.therapist), receipt
