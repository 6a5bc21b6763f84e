"""One server for all bad days, and Dana, who sits down at it again and again."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.bad_days.desk import Desk
from tests.browser.people import Therapist
from tests.browser.server import DemoPractice, Server

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def server(demo_practice: DemoPractice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all bad days: each of them ends with everything in order."""
    practice = demo_practice.clone(tmp_path_factory.mktemp("bad-days") / "practice")
    running = Server(practice)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        practice.drop()


@pytest.fixture(scope="package")
def desk() -> Desk:
    return Desk()


@pytest.fixture
def sit_down(server: Server, open_page: OpenPage, desk: Desk) -> Callable[..., Therapist]:
    """Sit Dana down at one more browser: a code is for the first time, the passphrase for now and then."""

    def sit(*, scripts: bool = True) -> Therapist:
        dana = Therapist(open_page(scripts=scripts, cookies=desk.cookies))
        if desk.cookies is None:
            dana.sign_in(server.practice, "therapist")
            desk.passphrase = server.practice.people["therapist"]["passphrase"]
            desk.notes_url = dana.find_client("Robin Marlowe")
            desk.keep_open(dana)
        elif time.monotonic() > desk.open_until:
            dana.open("/again/?next=/today/")
            dana.type("Passphrase", desk.passphrase)
            dana.press("Sign in and go on" if "sign in again" in dana.heading() else "Go on")
            desk.keep_open(dana)
        return dana

    return sit


@pytest.fixture
def dana(sit_down: Callable[..., Therapist], desk: Desk) -> Therapist:
    """Dana at an empty draft."""
    dana = sit_down()
    dana.begin_note(desk.notes_url, "Call", at=desk.next_moment())
    return dana
