"""A practice is set up in the browser."""

from playwright.sync_api import Browser

from tests.browser.owner import Owner
from tests.browser.screens.camera import take
from tests.browser.server import Server


def walk(browser: Browser, server: Server) -> None:
    """Take the pages of the ceremony."""
    page = browser.new_context(base_url=server.address, locale="en-US", reduced_motion="reduce").new_page()
    Owner(page, take).set_up(server)
