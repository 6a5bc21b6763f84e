"""A colleague covers, at real browsers: arranged, opened with a reason, told to therapist, manager and client."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.accessibility import find_barriers
from tests.browser.people import Person, Therapist
from tests.browser.server import Server

NAME = "Robin Marlowe"
LINE = "Called twice tonight and asks whether to go to the clinic."


def test_a_record_is_opened_under_cover(server: Server, open_page: Callable[..., Page], provoked: set[str]) -> None:
    barriers: list[str] = []

    def see(page: Page, name: str) -> None:
        barriers.extend(f"{name}: {barrier}" for barrier in find_barriers(page))

    dana, samuel = Therapist(open_page(), see), Therapist(open_page(dark=True), see)
    manager, robin = Person(open_page(), see), Person(open_page(phone=True), see)
    dana.sign_in(server.practice, "therapist")
    address = dana.find_client(NAME)
    dana.open("/clients/cover/")
    dana.look("arrange-cover")
    dana.choose("Samuel Okafor")
    dana.press("Arrange cover")
    dana.reads("Covered by Samuel Okafor")
    samuel.sign_in(server.practice, "other_therapist")
    provoked.add("status of 404")
    samuel.open(address)
    samuel.reads("There is nothing here for you")
    samuel.open(address.replace("/clients/", "/cover/").replace("notes/", ""))
    samuel.look("open-cover")
    samuel.choose("The client is in a crisis")
    samuel.type("What happened, in one line", LINE)
    samuel.press("Open for 12 hours")
    samuel.reads("You opened this record under cover.")
    samuel.look("covered-overview")
    samuel.open("/cover/")
    samuel.look("cover")
    dana.open("/today/")
    dana.reads(LINE)
    dana.look("told-today")
    manager.sign_in(server.practice, "manager")
    manager.open("/emergency-reasons/")
    manager.look("told-manager")
    manager.page.get_by_role("button", name="I looked into it").click()
    manager.reads("Noted that you looked into it.")
    robin.sign_in(server.practice, "client")
    robin.open(address.replace("/clients/", "/my/").replace("notes/", "letters/"))
    robin.reads("Samuel Okafor opened your record, covering for Dana Whitlock.")
    assert not barriers, "\n".join(barriers)
