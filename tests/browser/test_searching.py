"""Finding a note again: on a phone, with the keyboard alone, streamed by the real server."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import runs_off_the_screen
from tests.browser.means import WithoutMouse
from tests.browser.people import See
from tests.browser.server import Server

# The services behind this page are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
TEXT = "She rang about the café; the ladder comes next week."


def test_a_note_is_found_with_the_keyboard_on_a_phone(server: Server, open_page: OpenPage, see: See) -> None:
    dana = WithoutMouse(open_page(phone=True), see)
    dana.sign_in(server.practice, "therapist")
    address = dana.page.get_by_role("link", name="Robin Marlowe", exact=True).get_attribute("href")
    dana.open(f"{address}begin/?kind=call")
    dana.press("Begin")
    dana.type("What happened", TEXT)
    dana.press("Leave as draft")
    dana.follow("Search")
    dana.look("search")
    dana.type("Words", 'cafe "the ladder"')
    with dana.page.expect_navigation():
        dana.page.keyboard.press("Enter")
    dana.reads("Found in 1 of 1 text.")
    expect(dana.page.locator("mark")).to_have_text(["café", "the ladder"])
    expect(dana.page.locator(".searching")).to_be_hidden()
    dana.look("found")
    assert not runs_off_the_screen(dana.page)
    # Neither the address nor the history has the words.
    assert dana.page.url == f"{server.address}/search/"
    found = dana.page.get_by_role("link", name="Call,")
    with dana.page.expect_popup() as opened:
        found.focus()
        dana.page.keyboard.press("Enter")
    expect(opened.value.get_by_label("What happened")).to_have_value(TEXT)
