"""Forgotten, lost, and back at work: a therapist's and a client's way, on pages that everybody can use."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import ClientOnPhone, Letter, Manager, Person, See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
NEW = "seven quiet herons over water"


def read_code(person: Person) -> str:
    """Copy the recovery code off the page, as onto paper."""
    return "-".join(person.page.locator(".code-groups span").all_inner_texts())


def draw_recovery_code(person: Person) -> str:
    person.press("Show my new code")
    person.look("recovery-code")
    code = read_code(person)
    person.follow("I have written it down")
    person.look("typed-back")
    person.type("Your recovery code", code)
    person.press("Check it")
    person.reads("That is the right code")
    return code


def test_the_paper_is_asked_for_after_a_month_and_again_in_a_year(open_page: OpenPage, server: Server, see: See):
    dana = Therapist(open_page(phone=True), see)
    server.practice.execute("UPDATE access_user SET recovery_ask_at = '2026-01-01 00:00:00+00:00'")
    dana.sign_in(server.practice, "therapist")
    dana.reads("is the paper with your recovery code still there?")
    dana.follow("Type the code once")
    dana.look("prove-recovery-code")
    dana.type("Your recovery code", server.practice.people["therapist"]["recovery_code"])
    dana.press("Check it")
    dana.open("/today/")
    expect(dana.page.get_by_text("is the paper with your recovery code still there?")).to_have_count(0)


class TestForgotten:
    def test_a_therapist_is_back_at_work_with_paper_and_a_new_passphrase(
        self, open_page: OpenPage, server: Server, see: See
    ):
        dana = Therapist(open_page(), see)
        dana.sign_in(server.practice, "therapist")
        dana.open("/account/recovery-code/new/")
        paper = draw_recovery_code(dana)
        dana.open("/account/backup-codes/")
        dana.press("Show my new codes")
        backup = dana.page.locator(".code-groups span").first.inner_text()
        dana.press("Sign out")
        # Weeks later, on another device.
        dana = Therapist(open_page(phone=True, dark=True), see)
        dana.open("/sign-in/")
        dana.follow("Forgot your passphrase, or lost your phone?")
        dana.look("locked-out")
        dana.follow("Come back with my recovery code")
        dana.look("recover")
        dana.type("E-mail address", server.practice.people["therapist"]["address"])
        dana.type("Your recovery code", paper)
        dana.type("Second-factor code", backup)
        dana.type("Your new passphrase", NEW)
        dana.type("The same passphrase again", NEW)
        dana.press("Open my account")
        dana.reads("The recovery code you used opens nothing any more")
        assert draw_recovery_code(dana) != paper
        dana.open("/clients/")
        dana.reads("Robin")

    def test_a_client_is_let_in_anew_and_waits_for_the_key(self, open_page: OpenPage, server: Server, see: See):
        manager = Manager(open_page(), see)
        manager.sign_in(server.practice, "manager")
        manager.open("/clients/")
        manager.page.locator("main a", has_text="Robin").first.click()
        manager.follow("They forgot their passphrase or lost their phone")
        manager.look("new-way-in")
        manager.press("Make a new link and code")
        link = manager.page.locator("#invitation-link").input_value()
        code = manager.page.locator(".code-display").inner_text()
        robin = ClientOnPhone(open_page(phone=True), see)
        robin.open_letter(Letter(link, code, ""))
        robin.set_up_app()
        robin.reads("Waiting for your therapist")
        robin.look("waiting")
