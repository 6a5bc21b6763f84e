"""With the keyboard alone, and with scripts off: slower, and nothing less."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bad_days.desk import (
    CANARY,
    SECTION,
    Desk,
)
from tests.browser.outages import full_disk
from tests.browser.people import TALK, ClientOnPhone, Therapist


class TestWithTheKeyboardAlone:
    @pytest.mark.once
    def test_she_writes_reviews_and_signs(self, sit_down, desk):
        dana = sit_down()
        dana.begin_note(desk.notes_url, "Session", at=datetime.now(UTC) + timedelta(minutes=2))
        keyboard = dana.page.keyboard
        tab_to(dana.page, "What the client brought")
        keyboard.type("Only keys.")
        keyboard.press("Tab")
        keyboard.type("Nothing but keys.")
        for _ in range(2):
            keyboard.press("Tab")
        keyboard.press("Space")
        keyboard.press("Control+s")
        dana.sees_saved()
        keyboard.press("Control+Enter")
        expect(dana.page).to_have_url(re.compile("/review/$"))
        tab_to(dana.page, "Sign and lock")
        keyboard.press("Enter")
        dana.reads("Signed and locked.")
        for words in ("Only keys.", "Nothing but keys.", "No new concern today"):
            dana.reads(words)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called so."""
    wanted = page.get_by_label(name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).first
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"forty presses of Tab do not lead to {name}")


class TestWithoutScripts:
    @pytest.fixture
    def plain_dana(self, sit_down: Callable[..., Therapist], desk: Desk) -> Therapist:
        dana = sit_down(scripts=False)
        dana.begin_note(desk.notes_url, "Call", at=desk.next_moment())
        return dana

    @pytest.mark.once
    def test_a_form_after_the_time_out_comes_back_and_goes_on(self, plain_dana, server, desk, provoked):
        provoked.add("status of 423")
        plain_dana.type(SECTION, "Typed before the time-out.")
        desk.end_sessions(server)
        plain_dana.press("Review and sign")
        plain_dana.reads("it is all here")
        expect(plain_dana.page.locator("textarea")).to_have_value("Typed before the time-out.")
        plain_dana.type("Passphrase", desk.passphrase)
        plain_dana.press("Sign in and go on")
        expect(plain_dana.page).to_have_url(re.compile("/review/$"))
        plain_dana.reads("Typed before the time-out.")

    @pytest.mark.once
    def test_nobody_else_sends_it(self, plain_dana, server, desk, provoked):
        provoked |= {"status of 423", "status of 403"}
        plain_dana.type(SECTION, CANARY)
        desk.end_sessions(server)
        plain_dana.press("Review and sign")
        plain_dana.page.context.clear_cookies(name=re.compile("session|unlock"))
        samuel = server.practice.proof_of("other_therapist")
        plain_dana.type("Passphrase", samuel["passphrase"])
        plain_dana.press("Sign in and go on")
        plain_dana.prove(samuel)
        plain_dana.press("Sign in and go on")
        plain_dana.reads("This page is not open to you")
        assert CANARY not in plain_dana.page.content()

    def test_a_full_disk_gives_the_text_back(self, plain_dana, server, provoked):
        provoked.add("status of 503")
        plain_dana.type(SECTION, "Typed on a full disk.")
        with full_disk(server):
            plain_dana.press("Review and sign")
            plain_dana.reads("Not saved yet")
            expect(plain_dana.page.locator("textarea")).to_have_value("Typed on a full disk.")
        plain_dana.press("Try again")
        expect(plain_dana.page).to_have_url(re.compile("/review/$"))
        plain_dana.reads("Typed on a full disk.")

    @pytest.mark.once
    def test_a_client_reads_asks_and_signs(self, server, open_page):
        client = ClientOnPhone(open_page(phone=True, scripts=False))
        client.passphrase = server.practice.people["new_client"]["passphrase"]
        client.sign_in(server.practice, "new_client")
        client.agree_to_screen_forms()
        client.ask("May I bring my dog?")
        client.answer_wrongly()
        client.reads("Not quite.")
        client.answer_rightly()
        client.choose(TALK)
        client.go_on()
        while "check" not in client.page.url:
            client.answer_rightly()
        client.sign_limits("Mara Castellan")
        client.reads("You signed. Your copy is below.")
