"""People at real browsers, in front of the real server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    WebError,
    sync_playwright,
)

from tests.browser.accessibility import find_barriers
from tests.browser.means import DESKTOP, PHONE
from tests.browser.people import See, walk_by
from tests.browser.server import DemoPractice, Server

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# A quiet browser: it asks nobody for updates, and needs neither a graphics card nor much shared memory.
CHROMIUM_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
MILLISECONDS_TO_ANSWER = 15_000

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")


def find_chromium() -> str:
    """Return the path of the browser that the system has, ``$CHROMIUM`` first."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert found, "No Chromium here: run `make test`, or name yours in CHROMIUM."
    return found


# Not for the whole session: while Playwright runs, its event loop makes Django refuse the database to other tests.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(demo_practice: DemoPractice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with a fresh demo practice, for all tests of a file."""
    practice = demo_practice.clone(tmp_path_factory.mktemp("served") / "practice")
    running = Server(practice)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        practice.drop()


@pytest.fixture(scope="package")
def inspected() -> set[tuple[str, str]]:
    """The pages that were asked about already, in daylight or in the dark."""
    return set()


@pytest.fixture
def see(inspected: set[tuple[str, str]]) -> Iterator[See]:
    """Ask of each page, once in a run, whether everybody can use it; what is found is said at the end, all at once.

    The run on SQLite asks: no database changes a page.
    """
    if connection.vendor != "sqlite":
        yield walk_by
        return
    barriers: list[str] = []

    def inspect(page: Page, name: str) -> None:
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
        if (name, scheme) not in inspected:
            inspected.add((name, scheme))
            barriers.extend(f"{name}, {scheme}: {barrier}" for barrier in find_barriers(page))

    yield inspect
    assert not barriers, "\n".join(barriers)


@pytest.fixture
def provoked() -> set[str]:
    """Words of complaints that a test provokes on purpose: ``provoked.add("status of 423")``."""
    return set()


@pytest.fixture
def complaints(provoked: set[str]) -> Iterator[list[str]]:
    """Everything the browser complained about, and may not have, at the end of the test."""
    found: list[str] = []
    yield found
    unexpected = [complaint for complaint in found if not any(words in complaint for words in provoked)]
    assert not unexpected, "The browser complained:\n" + "\n".join(unexpected)


@pytest.fixture
def open_page(chromium: Browser, server: Server, complaints: list[str]) -> Iterator[OpenPage]:
    """Sit one more person down at a browser of their own: ``open_page(phone=True, dark=True, scripts=False)``.

    With the `cookies` of another browser, it is the same person's second device.
    """
    contexts: list[BrowserContext] = []

    def open_one(
        *, phone: bool = False, dark: bool = False, scripts: bool = True, cookies: StorageState | None = None
    ) -> Page:
        context = chromium.new_context(
            base_url=server.address,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="en-US",
            reduced_motion="reduce",
            storage_state=cookies,
        )
        # The server is at arm's length; what takes longer than this does not come.
        context.set_default_timeout(MILLISECONDS_TO_ANSWER)
        contexts.append(context)
        _listen(context, complaints)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def _listen(context: BrowserContext, complaints: list[str]) -> None:
    def hear_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def hear_error(error: WebError) -> None:
        complaints.append(str(error.error))

    context.on("console", hear_console)
    context.on("weberror", hear_error)
