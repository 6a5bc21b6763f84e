"""What a set-up has come to, between its pages. It lies in a row, sealed under a key that only the browser holds.

The passphrase is not in it, only what was derived from it; nor is the recovery seed, drawn in the last request.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from access.roles import Role
from access.services.first_person import Prepared
from access.services.passphrases import Chosen
from access.spoken_codes import draw_backup_codes
from access.totp import TotpSeed
from keys.services import draw_code


class Page(StrEnum):
    """The pages, in their order, by the names of their views."""

    NAMES = "practice:set_up_names"
    PASSPHRASE = "practice:set_up_passphrase"  # noqa: S105 (the name of a view)
    APP = "practice:set_up_app"
    CODE = "practice:set_up_code"
    RETYPE_CODE = "practice:retype_set_up_code"
    SHEETS = "practice:set_up_sheets"
    PRINT = "practice:print_set_up_sheets"
    FINISH = "practice:finish_set_up"


@dataclass(frozen=True, repr=False)
class Progress:
    """What was typed, drawn and derived so far. `kek` and `app_seed` as hex, because it is kept as JSON."""

    app_seed: str
    recovery_code: str
    backup_codes: list[str]
    practice_name: str = ""
    name: str = ""
    address: str = ""
    therapist: bool = True
    verifier: str = ""
    kek: str = ""
    app_step: int = -1
    recovery_code_typed: bool = False
    codes: tuple[str, ...] = ()
    needed: int = 2

    @classmethod
    def fresh(cls) -> "Progress":
        """Draw what does not hang on any answer, so that going back to a page shows the same again."""
        return cls(TotpSeed.fresh().raw.hex(), draw_code(), draw_backup_codes())

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Progress":
        return cls(**json.loads(raw))

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode("utf-8")

    @property
    def app(self) -> TotpSeed:
        return TotpSeed(bytes.fromhex(self.app_seed))

    @property
    def person(self) -> Prepared:
        """The first person, once every page before the last was passed."""
        return Prepared(
            name=self.name,
            address=self.address,
            roles=(Role.MANAGER, Role.THERAPIST) if self.therapist else (Role.MANAGER,),
            chosen=Chosen(self.verifier, bytes.fromhex(self.kek)),
            seed=self.app,
            last_step=self.app_step,
            recovery_code=self.recovery_code,
            backup_codes=self.backup_codes,
        )

    @property
    def next_page(self) -> Page:
        """The first page that has not been passed."""
        return next((page for page, is_passed in _PASSED.items() if not is_passed(self)), Page.PRINT)

    def may_open(self, page: Page) -> bool:
        """Say whether every page before this one was passed: none can be skipped, any can be gone back to."""
        before = list(_PASSED)
        return all(_PASSED[each](self) for each in before[: before.index(_PART_OF.get(page, page))])

    def with_names(self, names: dict[str, Any]) -> "Progress":
        """Take names. A passphrase that was chosen beside other names has to be chosen again: it may hold these."""
        renamed = replace(self, **names)
        return self if renamed == self else replace(renamed, verifier="", kek="")

    def with_passphrase(self, chosen: Chosen) -> "Progress":
        return replace(self, verifier=chosen.verifier, kek=chosen.kek.hex())

    def with_sheets(self, *, count: int, needed: int) -> "Progress":
        """Draw the codes of the sheets; those of other numbers of sheets are no good any more."""
        if (len(self.codes), self.needed) == (count, needed):
            return self
        return replace(self, codes=tuple(draw_code() for _ in range(count)), needed=needed)


_PASSED: dict[Page, Callable[[Progress], bool]] = {
    Page.NAMES: lambda progress: bool(progress.address),
    Page.PASSPHRASE: lambda progress: bool(progress.verifier),
    Page.APP: lambda progress: progress.app_step >= 0,
    Page.CODE: lambda progress: progress.recovery_code_typed,
    Page.SHEETS: lambda progress: bool(progress.codes),
    # Passed by the end of the ceremony only.
    Page.PRINT: lambda _: False,
}
_PART_OF = {Page.RETYPE_CODE: Page.CODE, Page.FINISH: Page.PRINT}
