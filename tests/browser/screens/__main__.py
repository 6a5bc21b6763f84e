"""`make screens`: people walk over a demo of their own, and each page has its pictures taken."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, find_chromium
from tests.browser.screens import FOLDER, apart, day, founding, keys
from tests.browser.server import DemoPractice, Server
from tests.practice.installation import Installation

_SECRET = "cGljdHVyZXMgb2YgaW52ZW50ZWQgcGVvcGxlLCAzMmI="


def main() -> None:
    """Take every picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        for make, walk in ((_demo, day.walk), (_demo, keys.walk), (_demo, apart.walk), (_nothing, founding.walk)):
            with _serve(make) as server:
                walk(browser, server)
        browser.close()


def _demo(folder: Path) -> Server:
    return Server(DemoPractice.create(folder))


def _nothing(folder: Path) -> Server:
    return Server(Installation.create(folder), command=("setup", "--browser"))


@contextmanager
def _serve(make: Callable[[Path], Server]) -> Iterator[Server]:
    """Serve a practice of its own."""
    os.environ.update(DATABASE_URL="sqlite", SECRET_KEY="for-pictures-only-" * 3, PEPPER=_SECRET, SERVICE_KEY=_SECRET)
    with tempfile.TemporaryDirectory(prefix="subrosa-screens-") as scratch:
        server = make(Path(scratch) / "practice")
        server.start()
        try:
            yield server
        finally:
            server.stop()


if __name__ == "__main__":
    main()
