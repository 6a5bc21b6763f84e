"""A questionnaire on a phone without scripts, and where its answer stands on the therapist's first page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Person, See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DONE = "Called at once. Plan for the night agreed, seen tomorrow at nine."


def test_an_answer_above_zero_stands_first_until_it_is_closed(server: Server, open_page: OpenPage, see: See) -> None:
    dana = Therapist(open_page(), see)
    dana.sign_in(server.practice, "therapist")
    address = dana.find_client("Robin Marlowe").replace("notes/", "measures/")
    dana.open(address)
    dana.press("Ask for PHQ-9")
    # Scripts are off from here on; with them, axe looks at the same pages on a second device.
    robin = Person(open_page(phone=True, scripts=False))
    robin.sign_in(server.practice, "client")
    tablet = Person(open_page(phone=True, dark=True, cookies=robin.page.context.storage_state()), see)
    robin.open("/my/")
    robin.follow("Open the questions")
    robin.page.get_by_role("link", name="Open").last.click()
    robin.reads("Nobody watches this page. Your therapist will see it when they next sign in.")
    look_at(tablet, robin, "measure-begin")
    robin.follow("Begin")
    look_at(tablet, robin, "measure-question")
    for number in range(1, 11):
        robin.reads(f"Question {number} of 10")
        robin.choose("Somewhat difficult" if number == 10 else "Several days")
        robin.press("Go on")
    expect(robin.page.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    look_at(tablet, robin, "measure-check")
    dana.open("/today/")
    dana.reads("Question 9 above zero")
    dana.look("measure-today")
    robin.press("Send to my therapist")
    robin.reads("You sent this on")
    dana.open("/today/")
    dana.page.locator("#urgent ~ ul a").click()
    dana.look("measure-review")
    dana.type("What was done", DONE)
    dana.press("Close with what was done")
    dana.reads(DONE)
    dana.open("/today/")
    expect(dana.page.locator("#urgent")).to_have_count(0)
    dana.open(address)
    dana.look("measures")
    assert dana.page.evaluate(WIDER_THAN_THE_SCREEN) <= 0


def look_at(tablet: Person, robin: Person, name: str) -> None:
    """Look at the page where somebody without scripts is, as their other device shows it."""
    tablet.open(robin.page.url)
    assert tablet.page.evaluate(WIDER_THAN_THE_SCREEN) <= 0
    tablet.look(name)
