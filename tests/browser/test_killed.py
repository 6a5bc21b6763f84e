"""The server dies again and again under somebody who types, at any moment, and their browser with it.

What is typed is a count, so that whatever is missing afterwards has a time.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from random import Random
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.people import Therapist
from tests.browser.server import DemoPractice, Server

# On PostgreSQL nothing but sessions with the database ends; SQLite's file is open in what dies.
KILLS = 20 if connection.vendor == "sqlite" else 5
SEED = 20261122
# The promise: what somebody typed longer ago than this is on the server.
SECONDS = 3.0
SECTION = "What happened"
_SHORTEST, _LONGEST = 0.2, 6.0
_BETWEEN_WORDS = 0.04


@dataclass
class Sitting:
    """A therapist who types on, whatever happens to the server."""

    server: Server
    context: BrowserContext
    chance: Random
    address: str = ""
    page: Page | None = None
    # Waits for the server, because nobody else shall stop typing meanwhile.
    starting: Thread = field(default_factory=Thread)
    # What the draft holds since it was opened, and each word typed after that, with the moment before its first key.
    found: str = ""
    typed: list[tuple[float, str]] = field(default_factory=list)
    words: int = 0
    dies_at: float = 0.0
    killed_at: float = 0.0
    losses: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Sign in and begin a draft, this once: a person need not sign in again because a server starts again."""
        dana = Therapist(self.context.new_page())
        dana.sign_in(self.server.practice, "therapist")
        dana.begin_note(dana.find_client("Robin Marlowe"), "Call")
        self.address = dana.page.url
        self._go_on(dana.page)

    def take_a_step(self) -> None:
        """Type a word, or die when it is time; come back when the server is there again."""
        if self.page is None:
            if not self.starting.is_alive():
                self._come_back()
        elif time.monotonic() < self.dies_at:
            self._type(self.page)
        else:
            self._die(self.page)

    def _type(self, page: Page) -> None:
        self.words += 1
        self.typed.append((time.monotonic(), f"{self.words} "))
        page.keyboard.type(f"{self.words} ")

    def _die(self, page: Page) -> None:
        self.killed_at = time.monotonic()
        self.server.restart()
        # The browser dies too: it saves nothing more, and asks nobody whether to leave.
        page.close(run_before_unload=False)
        self.page = None
        self.starting = Thread(target=self.server.wait)
        self.starting.start()

    def _come_back(self) -> None:
        page = self.context.new_page()
        page.goto(self.address)
        held = page.get_by_label(SECTION, exact=True).input_value()
        self.losses.append(self._seconds_lost(held))
        self._go_on(page)
        self.found = held

    def _seconds_lost(self, held: str) -> float:
        """Say how long before the server's end the first word was typed that the draft does not hold."""
        whole = self.found
        for typed_at, word in self.typed:
            whole += word
            if not held.startswith(whole):
                assert whole.startswith(held), f"{held[-60:]!r} is not what was typed: {whole[-60:]!r}"
                return self.killed_at - typed_at
        assert held == whole
        return 0.0

    def _go_on(self, page: Page) -> None:
        page.get_by_label(SECTION, exact=True).click()
        page.keyboard.press("Control+End")
        self.page, self.typed = page, []
        self.dies_at = time.monotonic() + self.chance.uniform(_SHORTEST, _LONGEST)


@pytest.fixture
def sittings(
    chromium: Browser, demo_practice: DemoPractice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Sitting]]:
    """Two practices: while the server of one starts again, somebody types at the other."""
    chance = Random(SEED)  # noqa: S311 (moments to die at, no secret)
    with ExitStack() as left:
        made = []
        for _ in range(2):
            practice = demo_practice.clone(tmp_path_factory.mktemp("killed") / "practice")
            left.callback(practice.drop)
            server = Server(practice)
            server.start()
            left.callback(server.kill)
            context = chromium.new_context(base_url=server.address, locale="en-US")
            left.callback(context.close)
            made.append(Sitting(server, context, chance))
        yield made


class TestAKilledServer:
    def test_costs_three_seconds_of_typing_at_most(self, sittings):
        for sitting in sittings:
            sitting.begin()
        while sum(len(sitting.losses) for sitting in sittings) < KILLS:
            for sitting in sittings:
                sitting.take_a_step()
            time.sleep(_BETWEEN_WORDS)
        for sitting in sittings:
            if sitting.starting.is_alive():
                sitting.starting.join()
        losses = [loss for sitting in sittings for loss in sitting.losses]
        told = f"seed {SEED}, {len(losses)} kills, seconds lost: {' '.join(f'{loss:.2f}' for loss in sorted(losses))}"
        print(told)  # noqa: T201 (pytest shows it where the test fails)
        assert max(losses) <= SECONDS, told
        # Else nobody typed long enough for anything to be lost.
        assert max(losses) > 0, told
        assert all(sitting.words > 5 * KILLS for sitting in sittings)
        for sitting in sittings:
            assert_whole(sitting.server.practice)


def assert_whole(practice: DemoPractice) -> None:
    """Let SQLite look through its file. PostgreSQL was not killed: only the sessions with it were."""
    if practice.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(practice.database_url.removeprefix("sqlite:///"))) as file:
            assert list(file.execute("PRAGMA integrity_check")) == [("ok",)]
            assert not list(file.execute("PRAGMA foreign_key_check"))
