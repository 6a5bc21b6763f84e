"""A client passes from one therapist to another, at real browsers: shared, read, told to the client."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.accessibility import find_barriers
from tests.browser.people import Person, Therapist
from tests.browser.server import Server

NAME = "Robin Marlowe"


def test_a_client_is_handed_over(server: Server, open_page: Callable[..., Page], provoked: set[str]) -> None:
    barriers: list[str] = []

    def see(page: Page, name: str) -> None:
        barriers.extend(f"{name}: {barrier}" for barrier in find_barriers(page))

    dana, samuel = Therapist(open_page(), see), Therapist(open_page(dark=True), see)
    robin = Person(open_page(phone=True), see)
    dana.sign_in(server.practice, "therapist")
    address = dana.find_client(NAME)
    dana.open(address.replace("notes/", "readers/"))
    dana.look("readers")
    dana.open(address.replace("notes/", "hand-over/"))
    dana.look("hand-over")
    dana.choose("Samuel Okafor")
    dana.press("Hand over now")
    dana.reads(f"Samuel Okafor cares for {NAME} from now on.")
    provoked.add("status of 404")
    dana.open(address)
    dana.reads("There is nothing here for you")
    samuel.sign_in(server.practice, "other_therapist")
    assert samuel.find_client(NAME) == address
    samuel.open(address)
    samuel.look("overview")
    robin.sign_in(server.practice, "client")
    robin.open(address.replace("/clients/", "/my/").replace("notes/", "letters/"))
    robin.reads("Your care passed from Dana Whitlock to Samuel Okafor.")
    robin.look("my-letters")
    robin.open(address.replace("/clients/", "/my/").replace("notes/", "readers/"))
    robin.reads("Samuel Okafor, who looks after you, since")
    robin.look("my-readers")
    assert not barriers, "\n".join(barriers)
