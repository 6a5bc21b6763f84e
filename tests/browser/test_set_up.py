"""A practice from nothing: one command in the terminal, and then a browser."""

import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.people import Manager, Person
from tests.browser.server import Server
from tests.practice.installation import PASSPHRASE, Installation

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """An installation in which nothing was done yet, and the command that offers to."""
    practice = Installation.create(tmp_path / "practice")
    running = Server(practice, command=("setup", "--browser"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        practice.drop()


def see(page: Page, _: str) -> None:
    assert_accessible(page)


def choose_names_and_passphrase(ann: Person) -> None:
    ann.type("Name of the practice", "Linden House")
    ann.type("Your name, as colleagues and clients will see it", "Ann Roe")
    ann.type("Your e-mail address", "ann@linden.example")
    ann.press("Continue")
    ann.look("passphrase")
    ann.type("Your new passphrase", PASSPHRASE)
    ann.type("The same passphrase again", PASSPHRASE)
    ann.press("Continue")


def set_up_app(ann: Person) -> bytes:
    ann.look("app")
    address = ann.page.get_by_role("link", name="On this phone: open in my app").get_attribute("href") or ""
    seed = b32decode(parse_qs(urlsplit(address).query)["secret"][0])
    ann.type("Six-digit code", f"{totp(seed):06d}")
    ann.press("Continue")
    return seed


def copy_codes(ann: Person, places: str) -> list[str]:
    """Copy codes off the page, as onto paper."""
    return ["-".join(code.locator("span").all_inner_texts()) for code in ann.page.locator(places).all()]


class TestSetUp:
    def test_leads_from_a_code_to_signing_in(self, open_page: OpenPage, server: Server, provoked: set[str]):
        [code] = re.findall(r"^    (\w{5}-\w{5})$", server.log.read_text(), re.MULTILINE)
        ann = Manager(open_page(), see)
        ann.open("/set-up/")
        ann.look("begin")
        ann.type("One-time code", code)
        ann.press("Begin")
        choose_names_and_passphrase(ann)
        seed = set_up_app(ann)
        ann.look("recovery-code")
        recovery_code, *_ = copy_codes(ann, ".code-groups")
        ann.follow("I have written it down")
        ann.type("Your recovery code", recovery_code)
        ann.press("Continue")
        ann.look("how-many")
        ann.press("Make the sheets")
        ann.look("sheets")
        sheets = copy_codes(ann, ".sheet .code-groups")
        ann.follow("They are on paper")
        ann.page.reload()
        ann.type("Code of sheet 1", sheets[0])
        ann.type("Code of sheet 2", sheets[1])
        ann.press("Set the practice up")
        ann.reads("Linden House is set up")
        ann.look("done")
        ann.follow("Sign in")
        ann.type("E-mail address", "ann@linden.example")
        ann.type("Passphrase", PASSPHRASE)
        # The app's first code is used up; the next one is accepted half a minute early.
        ann.type("Six-digit code", f"{totp(seed, t0=-30):06d}")
        ann.press("Sign in")
        expect(ann.page.get_by_role("button", name="Sign out").first).to_be_visible()
        provoked.add("status of 404")
        ann.open("/set-up/sheets/print/")
        ann.reads("There is nothing here for you")
