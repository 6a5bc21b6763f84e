"""A client's phone with letters twice as large (WCAG 1.4.4 and 1.4.10): nothing runs off the screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import runs_off_the_screen
from tests.browser.people import ClientOnPhone
from tests.browser.server import Server

pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]

# The root's own size, as "larger text" of a browser sets it: the policy forbids styles in the page, not this.
ENLARGE = "document.documentElement.style.fontSize = '200%'"


def enlarge(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state()
    page.evaluate(ENLARGE)


def assert_fits(page: Page) -> None:
    assert not runs_off_the_screen(page), page.url
    leave = page.get_by_role("link", name="Leave quickly").bounding_box()
    assert leave is not None
    assert leave["x"] >= 0
    assert leave["x"] + leave["width"] <= page.evaluate("document.documentElement.clientWidth")


class TestTwiceTheSize:
    @pytest.mark.parametrize("address", ["/sign-in/", "/help/", "/signed-out/"])
    def test_fits_before_signing_in(self, open_page: OpenPage, address: str):
        page = open_page(phone=True)
        enlarge(page, address)
        assert_fits(page)

    def test_fits_on_a_clients_own_pages(self, open_page: OpenPage, server: Server):
        robin = ClientOnPhone(open_page(phone=True))
        robin.sign_in(server.practice, "client")
        robin.open("/my/")
        links = [link.get_attribute("href") or "" for link in robin.page.locator("main a").all()]
        assert len(links) > 3
        for address in ("/my/", *links):
            enlarge(robin.page, address)
            assert robin.page.locator("h1").inner_text() != "There is nothing here for you"
            assert_fits(robin.page)
