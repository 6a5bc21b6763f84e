"""The five pages, asked in turns on both sides, and memory while everybody signs in at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from access.services.throttling import PER_NETWORK, forget_tries
from audit.actors import network_prefix
from bench.browser import Answer, Browser
from bench.house import House
from bench.scene import FIELDS, Login
from bench.servers import Server
from bench.size import Size


class NotTheSame(Exception):
    """The two sides answered differently, or otherwise than expected, so a comparison would say nothing."""


class Side:
    """One server, and the therapist's browser at it."""

    def __init__(self, server: Server, house: House) -> None:
        self.server = server
        self.scene = house.scene
        self.revision = house.scene.saved.revision
        self.browser = Browser(server.port)
        self.enter(self.browser, self.scene.therapist, house.code_of(house.staff[0]))

    def enter(self, browser: Browser, who: Login, code: str) -> Answer:
        """Sign somebody in; the clock runs from sending the form."""
        browser.get("/sign-in/")
        return browser.post("/sign-in/", {"address": who.address, "passphrase": who.passphrase, "code": code})


@dataclass(frozen=True)
class Page:
    """One thing that people do.

    :param aim: at most so many times the twin's time
    :param ask: does it once, given its turn's number
    """

    name: str
    aim: float
    status: int
    ask: Callable[[Side, int], Answer]


@dataclass(frozen=True)
class Result:
    """Medians of one page, in seconds."""

    page: Page
    house: float
    twin: float

    @property
    def ratio(self) -> float:
        return self.house / self.twin


@dataclass(frozen=True)
class Memory:
    """What one side's workers hold, in MiB: after the measurements, and at most while everybody signs in at once."""

    at_rest: float
    peak: float


def measure(house: House, sides: tuple[Side, Side]) -> list[Result]:
    """Ask each page in turns on both sides, and take the medians of what comes after the warm-up.

    :raises NotTheSame: see there
    """
    browse = Page(f"Browse {house.size.clients} clients", 3, 200, _browse)
    return [_measure(page, sides, house.size) for page in (*_PAGES, browse, _sign_in_page(house))]


def watch_memory(house: House, side: Side) -> Memory:
    """Let everybody sign in at once, and watch the workers.

    :raises NotTheSame: somebody did not get in
    """
    codes = [house.code_of(person) for person in house.staff]
    forget_tries(PER_NETWORK, network_prefix("127.0.0.1"))

    def enter(who: Login, code: str) -> int:
        return side.enter(Browser(side.server.port), who, code).status

    at_rest = side.server.memory()
    with side.server.peak() as peak, ThreadPoolExecutor(len(codes)) as pool:
        statuses = set(pool.map(enter, side.scene.staff, codes))
    if statuses != {302}:
        raise NotTheSame(f"signing in at once: {statuses}")
    return Memory(at_rest, peak[0])


def _measure(page: Page, sides: tuple[Side, Side], size: Size) -> Result:
    turns = [[page.ask(side, turn) for side in sides] for turn in range(size.warm_up + size.runs)]
    statuses = {answer.status for turn in turns for answer in turn}
    if statuses != {page.status}:
        raise NotTheSame(f"{page.name}: {statuses} instead of {page.status}")
    house, twin = (median(answer.seconds for answer in answers) for answers in zip(*turns[size.warm_up :], strict=True))
    return Result(page, house, twin)


def _save(side: Side, _turn: int) -> Answer:
    # As the page says of a text that only grew: nothing of it has to be kept.
    form = {"revision": side.revision, "gone": 0, **FIELDS}
    side.revision += 1
    return side.browser.post(f"/drafts/{side.scene.saved.id}/save/", form)


def _sign(side: Side, turn: int) -> Answer:
    draft = side.scene.drafts[turn]
    return side.browser.post(f"/drafts/{draft.id}/sign/", {"revision": draft.revision})


def _open(side: Side, _turn: int) -> Answer:
    return side.browser.get(f"/notes/{side.scene.note.id}/")


def _browse(side: Side, _turn: int) -> Answer:
    return side.browser.get("/clients/")


def _sign_in_page(house: House) -> Page:
    def enter(side: Side, turn: int) -> Answer:
        number = turn % len(house.staff)
        # To the house, the bench looks like somebody who guesses.
        forget_tries(PER_NETWORK, network_prefix("127.0.0.1"))
        return side.enter(Browser(side.server.port), side.scene.staff[number], house.code_of(house.staff[number]))

    return Page("Sign in", 1.1, 302, enter)


_PAGES = (
    Page("Save a draft", 1.5, 200, _save),
    Page("Sign a note", 1.5, 302, _sign),
    Page("Open a note", 2, 200, _open),
)
