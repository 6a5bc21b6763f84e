"""A practice from nothing: one command in the terminal, and then a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.owner import Owner
from tests.browser.people import See
from tests.browser.server import Server
from tests.practice.installation import Installation

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


class TestSetUp:
    def test_leads_from_a_code_to_signing_in(self, open_page: OpenPage, server: Server, see: See, provoked: set[str]):
        ann = Owner(open_page(), see)
        ann.set_up(server)
        ann.enter()
        expect(ann.page.get_by_role("button", name="Sign out").first).to_be_visible()
        provoked.add("status of 404")
        ann.open("/set-up/sheets/print/")
        ann.reads("There is nothing here for you")
