"""The two who can be led through `setup` and `recover`: a person at the terminal, and a program that speaks JSON."""

from base64 import b32decode
from collections.abc import Callable
from getpass import getpass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import segno
from django.core.exceptions import ValidationError
from django_otp.oath import totp

from access.plain_words import speak_plainly
from keys.services import propose_passphrase
from practice.setting_up import WantedForm

_CLEAR_SCREEN = "\033[2J\033[3J\033[H"
_DEFAULTS = {"codes": "3", "needed": "2"}
_YES = {"yes": True, "y": True, "no": False, "n": False}


class Terminal:
    """A person: questions, codes on the screen to copy onto paper, and the screen cleared before they are typed."""

    def __init__(
        self, say: Callable[[str], None], ask: Callable[[str], str] = input, whisper: Callable[[str], str] = getpass
    ) -> None:
        self._say = say
        self._ask = ask
        self._whisper = whisper

    def ask_what_is_wanted(self) -> WantedForm:
        """Ask for each field until all is well."""
        typed: dict[str, Any] = {}
        while True:
            for name in [name for name in WantedForm.base_fields if name not in typed]:
                typed[name] = self.ask_passphrase() if name == "passphrase" else self._ask_for(name)
            form = WantedForm(typed)
            if form.is_valid():
                return form
            for name, errors in form.errors.items():
                self._say("  " + " ".join(map(str, errors)))
                del typed[name]

    def retype_practice_codes(self, codes: list[str], needed: int) -> dict[int, str]:
        self._say(
            f"\nPRACTICE RECOVERY CODES. Any {needed} of these {len(codes)} open the practice's records if everybody's "
            "passphrases are lost. Write each on a sheet of its own, and give the sheets to different people or "
            "places. They are shown only now.\n"
        )
        for number, code in enumerate(codes, start=1):
            self._say(f"  {number}.  {code}")
        self._wait_until_copied()
        return {number: self._ask(f"Type code {number} from its sheet: ") for number in range(1, needed + 1)}

    def type_app_code(self, address: str) -> str:
        self._say("\nSECOND FACTOR. Scan this with an authenticator app on your phone:\n")
        segno.make(address, micro=False).terminal(compact=True)
        self._say(f"\n  or type this address into it: {address}\n")
        return self._ask("The six digits that the app shows now: ")

    def retype_recovery_code(self, code: str, backup_codes: list[str]) -> str:
        self._say(
            "\nYOUR PERSONAL RECOVERY CODE. It opens your keys if you forget your passphrase. Write it down and keep "
            f"it where nobody else finds it. It is shown only now.\n\n  {code}\n\n"
            "BACKUP CODES, one for each time your phone is not at hand:\n\n  " + "   ".join(backup_codes)
        )
        self._wait_until_copied()
        return self._ask("Type your personal recovery code from the paper: ")

    def say_no_match(self) -> None:
        self._say("  That is not what was shown. Please compare, and try again.")

    def _ask_for(self, name: str) -> Any:
        field, default = WantedForm().fields[name], _DEFAULTS.get(name, "")
        speak_plainly(field)
        while True:
            answer = self._ask(f"{field.label}{f' [{default}]' if default else ''}: ").strip() or default
            try:
                return _YES[answer.lower()] if name == "therapist" else field.clean(answer)
            except KeyError:
                self._say("  Please type yes or no.")
            except ValidationError as error:
                self._say("  " + " ".join(error.messages))

    def ask_passphrase(self) -> str:
        """Propose a passphrase and have one typed twice."""
        self._say(
            "\nYour passphrase seals everything you will be able to read. Six random words are strong and can be "
            f"learned; these were drawn just now, for you alone:  {propose_passphrase()}"
        )
        while True:
            once = self._whisper("Your passphrase (nothing shows while you type): ")
            if once == self._whisper("The same passphrase again: "):
                return once
            self._say("  The two are not the same. Please type the same one twice.")

    def _wait_until_copied(self) -> None:
        self._ask("\nPress Enter once everything is on paper. The screen is cleared, and you type from the paper. ")
        self._say(_CLEAR_SCREEN)


class Program:
    """A program: it is told everything once, in its answer, and `types back` what it was told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def retype_practice_codes(self, codes: list[str], needed: int) -> dict[int, str]:
        self.told |= {"practice_codes": codes, "needed": needed}
        return dict(enumerate(codes[:needed], start=1))

    def type_app_code(self, address: str) -> str:
        self.told["authenticator"] = address
        [secret] = parse_qs(urlsplit(address).query)["secret"]
        return f"{totp(b32decode(secret)):06d}"

    def retype_recovery_code(self, code: str, backup_codes: list[str]) -> str:
        self.told |= {"recovery_code": code, "backup_codes": backup_codes}
        return code

    def say_no_match(self) -> None:
        """Say nothing: a program that cannot read what it was just told will fail the tries."""
