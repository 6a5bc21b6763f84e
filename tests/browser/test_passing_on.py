"""Keys pass from one therapist to another, at real browsers: for a night under cover, and for good."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.people import Person, See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
LINE = "Called twice tonight and asks whether to go to the clinic."
LEFT = "She asks that somebody goes on with the ladder."


class Sitting:
    """Dana and Samuel at their browsers; a test adds whom it needs."""

    def __init__(self, server: Server, open_page: OpenPage, see: See) -> None:
        self.practice, self.open_page, self.see = server.practice, open_page, see
        self.dana, self.samuel = Therapist(open_page(), see), Therapist(open_page(dark=True), see)
        self.dana.sign_in(server.practice, "therapist")

    def seat(self, key: str, *, phone: bool = False) -> Person:
        person = Person(self.open_page(phone=phone), self.see)
        person.sign_in(self.practice, key)
        return person


@pytest.fixture
def sitting(server: Server, open_page: OpenPage, see: See, provoked: set[str]) -> Sitting:
    provoked.add("status of 404")
    return Sitting(server, open_page, see)


def test_a_colleague_comes_into_care_and_leaves_it(sitting: Sitting) -> None:
    dana, samuel = sitting.dana, sitting.samuel
    address = dana.find_client("Mara Castellan")
    dana.begin_note(address, "Contact")
    manager = sitting.seat("manager")
    manager.open(address.replace("notes/", "care/"))
    manager.look("start-care")
    manager.field("Therapist").select_option(label="Samuel Okafor")
    manager.press("Add to the care team")
    dana.open(address.replace("notes/", "share/"))
    dana.look("share-key")
    dana.choose("Samuel Okafor")
    dana.press("Share the key")
    samuel.sign_in(sitting.practice, "other_therapist")
    assert samuel.find_client("Mara Castellan") == address
    samuel.begin_note(address, "Contact")
    manager.open(address.replace("notes/", "care/end/"))
    manager.look("end-care")
    manager.field("Therapist").select_option(label="Samuel Okafor")
    manager.press("End this care")
    samuel.open(address)
    samuel.reads("There is nothing here for you")
    mara = sitting.seat("new_client", phone=True)
    mara.open(address.replace("/clients/", "/my/").replace("notes/", "letters/"))
    mara.reads("Samuel Okafor")
    mara.look("my-letters")


def test_a_record_is_opened_under_cover(sitting: Sitting) -> None:
    dana, samuel = sitting.dana, sitting.samuel
    address = dana.find_client("Mara Castellan")
    dana.open("/clients/cover/")
    dana.look("arrange-cover")
    dana.choose("Samuel Okafor")
    dana.press("Arrange cover")
    dana.reads("Covered by Samuel Okafor")
    samuel.sign_in(sitting.practice, "other_therapist")
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
    manager = sitting.seat("manager")
    manager.open("/emergency-reasons/")
    manager.look("told-manager")
    manager.page.get_by_role("button", name="I looked into it").click()
    manager.reads("Noted that you looked into it.")
    mara = sitting.seat("new_client", phone=True)
    mara.open(address.replace("/clients/", "/my/").replace("notes/", "letters/"))
    mara.reads("Samuel Okafor opened your record, covering for Dana Whitlock.")


def test_a_client_is_handed_over(sitting: Sitting) -> None:
    dana, samuel = sitting.dana, sitting.samuel
    address = dana.find_client("Robin Marlowe")
    dana.open(address.replace("notes/", "readers/"))
    dana.look("readers")
    dana.open(address.replace("notes/", "hand-over/"))
    dana.look("hand-over")
    dana.choose("Samuel Okafor")
    dana.press("Hand over now")
    dana.reads("Samuel Okafor cares for Robin Marlowe from now on.")
    dana.open(address)
    dana.reads("There is nothing here for you")
    samuel.sign_in(sitting.practice, "other_therapist")
    assert samuel.find_client("Robin Marlowe") == address
    samuel.open(address)
    samuel.look("overview")
    robin = sitting.seat("client", phone=True)
    robin.open(address.replace("/clients/", "/my/").replace("notes/", "letters/"))
    robin.reads("Your care passed from Dana Whitlock to Samuel Okafor.")
    robin.look("my-letters")
    robin.open(address.replace("/clients/", "/my/").replace("notes/", "readers/"))
    robin.reads("Samuel Okafor, who looks after you, since")
    robin.look("my-readers")


def test_a_will_is_released_and_stopped(sitting: Sitting) -> None:
    dana, practice = sitting.dana, sitting.practice
    dana.open("/account/custodian/")
    dana.look("name-custodian")
    manager, samuel = sitting.seat("manager"), sitting.seat("other_therapist", phone=True)
    manager.open("/people/")
    manager.follow("If Dana Whitlock cannot act")
    manager.look("release-ask")
    manager.choose("Nobody can reach them")
    manager.type("How do you know, and why this step now? In one line", "She has not come for a week; nobody answers.")
    manager.press("Ask for the contact list")
    manager.reads("Somebody else confirms it")
    samuel.open("/custody/")
    samuel.look("custody")
    samuel.follow("Dana Whitlock cannot act: the release")
    samuel.look("release-confirm")
    samuel.press("I confirm it")
    samuel.reads("Nothing can be given before")
    practice.execute("UPDATE clients_release SET free_at = confirmed_at")
    manager.page.reload()
    manager.look("release-give")
    manager.type("Code 1", practice.people["manager"]["recovery_sheet"])
    manager.press("Give the contact list")
    manager.reads("Samuel Okafor can reach the clients from now on.")
    samuel.open("/custody/")
    samuel.follow("Contact list of Dana Whitlock")
    samuel.reads("Call everybody yourself.")
    samuel.reads("Mara Castellan")
    samuel.look("contact-list")
    mara = sitting.seat("new_client", phone=True)
    mara.follow("See who can open it")
    mara.reads("Samuel Okafor can see your name and how to reach you since")
    mara.look("my-readers")
    sitting.seat("therapist").reads("Others had noted that you cannot act. You signed in, so that is stopped")
    samuel.page.reload()
    samuel.reads("Nothing is released to you now.")


def test_records_of_somebody_who_is_gone_are_passed_on_by_the_sheets(sitting: Sitting) -> None:
    note = write_last_note(sitting.dana)
    manager, samuel = sitting.seat("manager", phone=True), sitting.samuel
    manager.open("/people/")
    manager.follow("End this account of Dana Whitlock")
    manager.reads("Not yet: some records would be shut for good")
    put_into_care(manager)
    pass_keys_on(manager, sitting.practice.people["manager"]["recovery_sheet"])
    end_account(manager)
    samuel.sign_in(sitting.practice, "other_therapist")
    samuel.open(note)
    samuel.reads(LEFT)
    samuel.reads("Dana Whitlock")
    samuel.look("read-note")
    client_is_told(sitting.seat("new_client", phone=True))


def write_last_note(dana: Therapist) -> str:
    # By then her name stands on the first page more than once.
    dana.open("/clients/")
    dana.follow("Mara Castellan")
    dana.begin_note(dana.page.url, "Call")
    dana.type("What happened", LEFT)
    dana.review()
    return dana.sign()


def tick_everybody(manager: Person) -> None:
    for box in manager.page.get_by_role("checkbox").all():
        box.check()


def put_into_care(manager: Person) -> None:
    manager.follow("1. Clients of Dana Whitlock")
    manager.look("move-caseload")
    tick_everybody(manager)
    manager.field("Therapist").select_option(label="Samuel Okafor")
    manager.press("Put into care")
    manager.look("move-caseload-outcomes")
    manager.reads("Samuel Okafor is in care and waits for the key.")


def pass_keys_on(manager: Person, sheet: str) -> None:
    manager.follow("Records left behind")
    manager.look("records-left-behind")
    manager.reads("Samuel Okafor waits for")
    manager.type("Code 1", sheet[:-1])
    tick_everybody(manager)
    manager.press("Pass the keys on")
    manager.reads("Code 1 is mistyped")
    manager.look("records-left-behind-mistyped")
    manager.type("Code 1", sheet)
    manager.press("Pass the keys on")
    manager.reads("Samuel Okafor holds the keys from now on.")
    manager.look("records-passed-on")


def end_account(manager: Person) -> None:
    manager.follow("To people")
    manager.follow("End this account of Dana Whitlock")
    manager.look("end-account")
    manager.press("End this account")
    manager.reads("Ended. Dana Whitlock cannot sign in any more, and holds no key.")


def client_is_told(mara: Person) -> None:
    mara.follow("Read")
    mara.reads("Samuel Okafor, who looks after you, can open your record from now on.")
    mara.reads("the practice used its printed recovery codes")
    mara.look("my-letters")
    mara.follow("Back to my page")
    mara.follow("See who can open it")
    mara.reads("Samuel Okafor, who looks after you, since")
    assert "Dana Whitlock" not in mara.page.locator("main").inner_text()
