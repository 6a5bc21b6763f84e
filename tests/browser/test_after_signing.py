"""What has gathered is read and signed by keyboard; what is added later is saved like a note while it is typed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
# Longer ago than what another journey begins, so that these stand first.
DAYS_AGO = (20, 19, 18)


def test_a_sitting_and_an_addendum(server: Server, open_page: OpenPage, see: See) -> None:
    dana = Therapist(open_page(), see)
    dana.sign_in(server.practice, "therapist")
    notes = dana.find_client("Robin Marlowe")
    for days in DAYS_AGO:
        moment = datetime.now(UTC) - timedelta(days=days)
        dana.open(f"{notes}begin/?kind=message&session_at={moment:%Y-%m-%dT%H:%M}")
        dana.press("Begin")
        dana.type("What happened", f"Wrote {days} days ago.")
        dana.sees_saved()
    before = _count(server)
    dana.open("/today/")
    dana.page.get_by_role("link", name=re.compile("Review and sign [0-9]+ notes")).click()
    dana.look("review-all")
    _sign_two_of_three(dana)
    assert _count(server) == before + 2
    dana.open(notes)
    dana.page.get_by_role("link", name=re.compile(f"^{_day(DAYS_AGO[0])}")).first.click()
    dana.reads("a late entry")
    _add(dana)


def _sign_two_of_three(dana: Therapist) -> None:
    keys, sign = dana.page.keyboard, dana.page.locator("[data-sign]")
    keys.press("Alt+ArrowDown")
    keys.press("Control+Enter")
    keys.press("Alt+ArrowDown")
    keys.press("Control+Enter")
    expect(sign).to_have_text("Sign 2 notes")
    ticks = dana.page.locator("[data-tick]")
    assert [ticks.nth(place).is_checked() for place in range(3)] == [True, False, True]
    keys.press("Control+Shift+Enter")
    dana.reads("2 notes signed and locked.")


def _add(dana: Therapist) -> None:
    dana.press("Write an addendum")
    dana.choose("Something in the note is wrong")
    dana.type("The reason in your own words", "I had two messages in mind.")
    dana.write("What is added", "It came on the day before.")
    dana.sees_saved()
    dana.look("write-addendum")
    dana.review()
    dana.sign()
    dana.reads("It came on the day before.")
    dana.look("read-addendum")
    dana.follow("Written for the wrong client?")
    dana.look("withdraw-note")
    dana.press("Withdraw it")
    dana.reads("Its author withdrew it")
    expect(dana.page.locator("main")).not_to_contain_text("It came on the day before.")
    dana.look("withdrawn-note")
    dana.follow("Begin a draft with its text")
    dana.look("carry-note")


def _count(server: Server) -> int:
    count: int = server.practice.query("SELECT count(*) FROM notes_note")[0][0]
    return count


def _day(days: int) -> str:
    moment = datetime.now(UTC) - timedelta(days=days)
    return f"{moment.day} {moment:%B %Y}"
