"""`make screens`: people walk over a demo of their own, and each page has its pictures taken."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, find_chromium
from tests.browser.screens import FOLDER, day, keys
from tests.browser.server import DemoPractice, Server

_SECRET = "cGljdHVyZXMgb2YgaW52ZW50ZWQgcGVvcGxlLCAzMmI="


def main() -> None:
    """Take every picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        for walk in (day.walk, keys.walk):
            with _serve() as server:
                walk(browser, server)
        browser.close()


@contextmanager
def _serve() -> Iterator[Server]:
    """Serve a demo of its own."""
    os.environ.update(DATABASE_URL="sqlite", SECRET_KEY="for-pictures-only-" * 3, PEPPER=_SECRET, SERVICE_KEY=_SECRET)
    with tempfile.TemporaryDirectory(prefix="subrosa-screens-") as scratch:
        server = Server(DemoPractice.create(Path(scratch) / "practice"))
        server.start()
        try:
            yield server
        finally:
            server.stop()


if __name__ == "__main__":
    main()
