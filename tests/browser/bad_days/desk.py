"""What the bad days share: the desk where Dana sits, and what she looks at to see that nothing is lost."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from playwright.sync_api import Locator, StorageState, expect

from tests.browser.people import Therapist
from tests.browser.server import Server

SECTION = "What happened"
CANARY = "cinnamonthunder"
STILL_TRYING = "Not saved, still trying"
UNREACHABLE = {"net::ERR_", "Failed to load resource"}
_MINUTES_OPEN = 5


@dataclass
class Desk:
    """What lasts from test to test: Dana's passphrase and cookies, Robin's address, and moments not yet used."""

    passphrase: str = ""
    cookies: StorageState | None = None
    notes_url: str = ""
    # Until when her passphrase need not be typed again, by the clock of `time.monotonic`.
    open_until: float = 0

    def __post_init__(self) -> None:
        start = datetime.now(UTC)
        self._moments = (start - timedelta(minutes=minutes) for minutes in count(1))

    def next_moment(self) -> datetime:
        """Return a moment that no draft is about."""
        return next(self._moments)

    def keep_open(self, dana: Therapist) -> None:
        """Remember that she has just typed her passphrase, which counts as fresh for ten minutes."""
        self.cookies = dana.page.context.storage_state()
        self.open_until = time.monotonic() + _MINUTES_OPEN * 60

    def end_sessions(self, server: Server) -> None:
        """Forget every open key, as the idle lock does."""
        server.practice.execute("DELETE FROM access_keysession")
        self.open_until = 0


def expect_trouble(dana: Therapist, words: str) -> None:
    expect(dana.page.locator("[data-save-status][data-state=trouble]")).to_contain_text(words, timeout=20_000)


def text_of(dana: Therapist) -> Locator:
    return dana.field(SECTION)
