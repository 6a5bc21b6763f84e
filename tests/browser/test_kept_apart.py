"""A record that managers do not know of, and a passphrase that only its owner knows, at real browsers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Manager, See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
MARA = "Mara Castellan"
NEW = "eleven slow barges under willows"


def test_a_record_is_kept_from_managers_and_given_back(
    open_page: OpenPage, server: Server, see: See, provoked: set[str]
) -> None:
    provoked.add("status of 404")
    server.practice.execute("UPDATE access_practice SET hidden_clients = 1")
    dana, manager = Therapist(open_page(), see), Manager(open_page(dark=True), see)
    dana.sign_in(server.practice, "therapist")
    manager.sign_in(server.practice, "manager")
    client = dana.find_client(MARA).replace("notes/", "")
    manager.open("/clients/")
    manager.reads(MARA)
    dana.open(f"{client}restricted/")
    dana.look("restrict")
    dana.press("Keep from managers")
    dana.reads("Kept from managers. Their keys to name and address were taken back.")
    manager.open("/clients/")
    manager.reads("Robin Marlowe")
    expect(manager.page.locator("body")).not_to_contain_text(MARA)
    manager.open(client)
    manager.reads("There is nothing here for you")
    dana.open(f"{client}log/")
    dana.look("record-log")
    dana.reads("Priya Nair")
    dana.open(f"{client}restricted/")
    dana.press("Let managers know of this client")
    manager.open("/clients/")
    manager.reads(MARA)


def test_another_passphrase_locks_out_whoever_knew_the_old_one(open_page: OpenPage, server: Server, see: See) -> None:
    dana, elsewhere = Therapist(open_page(), see), Therapist(open_page(phone=True), see)
    for browser in (dana, elsewhere):
        browser.sign_in(server.practice, "therapist")
    old = server.practice.people["therapist"]["passphrase"]
    dana.open("/account/passphrase/")
    dana.look("change-passphrase")
    dana.type("Your passphrase until now", old)
    dana.type("Your new passphrase", NEW)
    dana.type("The same passphrase again", NEW)
    dana.press("Change it")
    dana.reads("Your passphrase is changed.")
    dana.open("/clients/")
    dana.reads("Robin")
    elsewhere.open("/clients/")
    elsewhere.prove(server.practice.proof_of("therapist"))
    elsewhere.press("Sign in")
    elsewhere.reads("That did not match.")
    elsewhere.prove(server.practice.proof_of("therapist") | {"passphrase": NEW})
    elsewhere.press("Sign in")
    elsewhere.reads("Robin")
