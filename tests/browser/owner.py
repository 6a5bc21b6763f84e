"""Somebody who sets a new practice up, from the one-time code of the terminal to the printed sheets."""

import re
from base64 import b32decode
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django_otp.oath import totp

from tests.browser.people import Manager
from tests.browser.server import Server
from tests.practice.installation import PASSPHRASE


@dataclass
class Owner(Manager):
    """Ann Roe, who founds Linden House. `seed` is what her app reads."""

    seed: bytes = b""

    def set_up(self, server: Server) -> None:
        """Go through every page; the practice stands at the end."""
        [code] = re.findall(r"^    (\w{5}-\w{5})$", server.log.read_text(), re.MULTILINE)
        self.open("/")
        self.look("set-up-begin")
        self.type("One-time code", code)
        self.press("Begin")
        self._say_who()
        self._set_up_app()
        self._keep_recovery_code()
        self._print_sheets()
        self.reads("Linden House is set up")
        self.look("set-up-done")

    def enter(self) -> None:
        """Sign in for the first time."""
        self.follow("Sign in")
        self.type("E-mail address", "ann@linden.example")
        self.type("Passphrase", PASSPHRASE)
        # The app's first code is used up; the next one is accepted half a minute early.
        self.type("Six-digit code", f"{totp(self.seed, t0=-30):06d}")
        self.press("Sign in")

    def _say_who(self) -> None:
        self.look("set-up-names")
        self.type("Name of the practice", "Linden House")
        self.type("Your name, as colleagues and clients will see it", "Ann Roe")
        self.type("Your e-mail address", "ann@linden.example")
        self.press("Continue")
        self.look("set-up-passphrase")
        self.type("Your new passphrase", PASSPHRASE)
        self.type("The same passphrase again", PASSPHRASE)
        self.press("Continue")

    def _set_up_app(self) -> None:
        self.look("set-up-app")
        address = self.page.get_by_role("link", name="On this phone: open in my app").get_attribute("href") or ""
        self.seed = b32decode(parse_qs(urlsplit(address).query)["secret"][0])
        self.type("Six-digit code", f"{totp(self.seed):06d}")
        self.press("Continue")

    def _keep_recovery_code(self) -> None:
        self.look("set-up-recovery-code")
        recovery_code, *_ = self._copy_codes(".code-groups")
        self.follow("I have written it down")
        self.type("Your recovery code", recovery_code)
        self.press("Continue")

    def _print_sheets(self) -> None:
        self.look("set-up-how-many")
        self.press("Make the sheets")
        self.look("set-up-sheets")
        sheets = self._copy_codes(".sheet .code-groups")
        self.follow("They are on paper")
        self.page.reload()
        self.type("Code of sheet 1", sheets[0])
        self.type("Code of sheet 2", sheets[1])
        self.press("Set the practice up")

    def _copy_codes(self, places: str) -> list[str]:
        """Copy codes off the page, as onto paper."""
        return ["-".join(code.locator("span").all_inner_texts()) for code in self.page.locator(places).all()]
