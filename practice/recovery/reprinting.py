"""New recovery sheets in place of the old ones: a partner was replaced, or a sheet is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit.actors import System
from audit.acts import Act
from audit.services import record
from keys.errors import WrongPassphrase
from keys.services import draw_code, keep_recovery_codes, open_with_recovery_codes, read_code, rehearse_recovery
from practice.recovery.errors import CannotRecover, plain_reasons
from practice.retyping import until_it_matches
from practice.setting_up import MOST_CODES, Guide


@dataclass(frozen=True, repr=False)
class Print:
    """Which sheets are at hand, how many new ones there shall be, and how many of them it takes."""

    codes: Mapping[int, str]
    count: int
    needed: int


def reprint(*, wanted: Print, guide: Guide, at: datetime) -> None:
    """Put new printed codes in the place of the old ones, once enough of the new ones were typed back.

    :raises NothingKept: the old codes open nothing, the numbers do not go together, or what was typed back is wrong
    """
    if not 2 <= wanted.needed <= wanted.count <= MOST_CODES:
        raise CannotRecover(f"It takes at least 2 codes, no more than there are, and there are {MOST_CODES} at most.")
    with plain_reasons():
        founder = open_with_recovery_codes(wanted.codes)
        rehearse_recovery(founder)
    codes = [draw_code() for _ in range(wanted.count)]
    # Nothing is written while people type: the practice goes on.
    until_it_matches(lambda: _same(guide.retype_practice_codes(codes, wanted.needed), codes), guide)
    with transaction.atomic(durable=True):
        keep_recovery_codes(founder, codes, needed=wanted.needed)
        record(Act.RECOVERY_REPRINTED, by=System(), at=at)


def _same(typed: Mapping[int, str], codes: list[str]) -> bool:
    try:
        return all(read_code(text) == read_code(codes[number - 1]) for number, text in typed.items())
    except WrongPassphrase:
        return False
