"""Typing back what was shown once: what nobody wrote down is found out while everything can still be undone."""

from collections.abc import Callable
from typing import Protocol

from access.services.equipping import Equipped
from keys.errors import WrongPassphrase
from keys.services import open_with_recovery_code

TRIES = 5


class NothingKept(RuntimeError):
    """It did not go through to the end, and everything is as before; the message says why in plain words."""


class PersonalGuide(Protocol):
    """Whoever is handed a second factor and a recovery code, and shows that they have both."""

    def type_app_code(self, address: str) -> str:
        """Show an authenticator's address (`otpauth://`) and return the six digits that it shows."""

    def retype_recovery_code(self, code: str, backup_codes: list[str]) -> str:
        """Show the personal codes once and return the recovery code as typed."""

    def say_no_match(self) -> None:
        """Say that what was typed is not what was shown."""


def take_back_personal(person: Equipped, guide: PersonalGuide) -> None:
    """Have one code of the authenticator and the recovery code typed.

    :raises NothingKept: five times something else; the caller's transaction is to keep nothing
    """
    address = person.device.address(label=person.user.display_name, issuer="Subrosa")
    until_it_matches(lambda: person.device.verify_token(guide.type_app_code(address).strip()), guide)
    until_it_matches(lambda: _recovery_code_opens(person, guide), guide)


def until_it_matches(attempt: Callable[[], bool], guide: PersonalGuide) -> None:
    """Let somebody try five times.

    :raises NothingKept: none was right
    """
    for _ in range(TRIES):
        if attempt():
            return
        guide.say_no_match()
    raise NothingKept(f"That did not match {TRIES} times. Nothing was kept; please start again.")


def _recovery_code_opens(person: Equipped, guide: PersonalGuide) -> bool:
    typed = guide.retype_recovery_code(person.recovery_code, person.backup_codes)
    try:
        return open_with_recovery_code(holder=person.user.pk, code=typed).holder == person.user.pk
    except WrongPassphrase:
        return False
