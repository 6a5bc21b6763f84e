"""Accidents, farewells and the end of records, at browsers: each with the keyboard alone and without scripts.

What can be seen is asked of every page: by axe, and on a phone's screen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser.means import Onlooker, WithoutMouse
from tests.browser.people import Person, See
from tests.browser.server import DemoPractice, Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
NEW, NEWER = "seven quiet herons over water", "a slow green ferry before noon"
DANA, ROBIN, MARA = "Dana Whitlock", "Robin Marlowe", "Mara Castellan"
CLAIM = "Claim of 3 May, ask Ms Miller"


@dataclass
class Scene:
    """Where people sit down, with the keyboard alone and without scripts."""

    practice: DemoPractice
    open_page: OpenPage
    onlooker: Onlooker

    def seat(self, key: str = "", *, phone: bool = False) -> Person:
        """Sit one more person down, signed in if they are on the sheet."""
        person = WithoutMouse(self.open_page(scripts=False, phone=phone), self.onlooker.look)
        if key:
            person.sign_in(self.practice, key)
        return person


@pytest.fixture(scope="module")
def named() -> set[str]:
    return set()


@pytest.fixture
def scene(server: Server, open_page: OpenPage, see: See, named: set[str]) -> Scene:
    return Scene(server.practice, open_page, Onlooker(open_page(), see, named))


class TestATherapist:
    def test_who_lost_everything_comes_back_and_takes_other_keys(self, scene: Scene):
        manager, dana = scene.seat("manager"), scene.seat(phone=True)
        words = make_new_keys(dana, invite_back(manager))
        lead_ceremony(manager, words, scene.practice.people["manager"]["recovery_sheet"])
        scene.practice.people["therapist"]["passphrase"] = NEW
        dana.sign_in(scene.practice, "therapist")
        dana.open("/clients/")
        dana.reads(ROBIN)
        replace_keys(dana)
        scene.practice.people["therapist"]["passphrase"] = NEWER
        is_confirmed_again(manager)
        locks_are_replaced(manager, dana)


def invite_back(manager: Person) -> tuple[str, str]:
    manager.open("/people/")
    manager.look("people")
    manager.follow(f"Passphrase and code of {DANA}, lost")
    manager.reads("Nothing stays closed.")
    manager.look("recovery-begins")
    manager.press("Make the link and the code")
    manager.look("recovery-letter")
    return manager.page.locator("#invitation-link").input_value(), manager.page.locator(".code-display").inner_text()


def make_new_keys(dana: Person, letter: tuple[str, str]) -> list[str]:
    """Let her choose a passphrase and write a recovery code down; her six words come back."""
    link, code = letter
    dana.open(link)
    dana.type("Short code", code)
    dana.press("Continue")
    dana.look("new-passphrase")
    dana.type("Your new passphrase", NEW)
    dana.type("The same passphrase again", NEW)
    dana.press("Continue")
    dana.look("new-recovery-code")
    dana.type("Your recovery code", "-".join(groups(dana)))
    dana.press("It is on paper")
    dana.look("six-words")
    return groups(dana)


def lead_ceremony(manager: Person, words: list[str], sheet: str) -> None:
    manager.follow("On to the ceremony")
    manager.look("recovery-ceremony")
    assert groups(manager) == words
    manager.type("Code 1", sheet)
    manager.press("The words are the same: renew the keys")
    manager.reads(f"vaults open again for {DANA}")


def replace_keys(dana: Person) -> None:
    dana.open("/account/")
    dana.follow("Somebody knows my passphrase")
    dana.look("new-keys")
    dana.type("Your passphrase until now", NEW)
    dana.type("Your new passphrase", NEWER)
    dana.type("The same passphrase again", NEWER)
    dana.press("Replace my keys")
    code = "-".join(groups(dana))
    dana.follow("I have written it down")
    dana.look("typed-back")
    dana.type("Your recovery code", code)
    dana.press("Check it")
    dana.reads("That is the right code")


def is_confirmed_again(manager: Person) -> None:
    manager.open("/people/")
    manager.reads(f"{DANA} waits to be confirmed")
    manager.look("people-newcomer")
    manager.press("The words are the same: confirm")
    manager.reads("Confirmed.")


def locks_are_replaced(manager: Person, dana: Person) -> None:
    manager.open("/rotation/")
    manager.look("rotation-waits")
    manager.reads("Texts to seal anew")
    dana.open("/rotation/")
    dana.press("Go on now")
    manager.open("/rotation/")
    manager.reads("Nothing waits. Every key is the newest one.")
    manager.look("rotation-done")


class TestAColleagueWhoLeaves:
    def test_hands_over_first_and_is_shut_out_then(self, scene: Scene, provoked: set[str]):
        manager, dana = scene.seat("manager"), scene.seat("therapist", phone=True)
        is_needed_still(manager)
        hand_all_over(dana)
        end_account(manager)
        dana.open("/today/")
        assert dana.heading() == "Sign in"
        dana.prove(scene.practice.proof_of("therapist"))
        dana.press("Sign in")
        dana.reads("That did not match.")
        samuel = scene.seat("other_therapist")
        keys_are_replaced(samuel, manager)
        client_is_told(scene.seat("client", phone=True))


def is_needed_still(manager: Person) -> None:
    manager.open("/people/")
    manager.follow(f"End this account of {DANA}")
    manager.reads("Not yet: some records would be shut for good")
    manager.look("end-account-refused")
    manager.follow(f"1. Clients of {DANA}")
    manager.reads("Tick who goes into the care of one colleague.")
    manager.look("move-caseload")
    manager.open("/people/records-left-behind/")
    manager.look("records-left-behind")


def hand_all_over(dana: Person) -> None:
    dana.open("/clients/")
    dana.follow("Hand over several clients")
    dana.look("hand-over-caseload")
    names = [name for name in (ROBIN, MARA) if dana.choice(name).count()]
    dana.choose("Samuel Okafor", *names)
    dana.press("Hand over now")
    dana.reads("How it went")
    dana.look("hand-over-outcomes")


def end_account(manager: Person) -> None:
    manager.open("/people/")
    manager.follow(f"End this account of {DANA}")
    manager.look("end-account")
    manager.press("End this account")
    manager.reads(f"Ended. {DANA} cannot sign in any more, and holds no key.")


def keys_are_replaced(samuel: Person, manager: Person) -> None:
    """Let whoever holds the records now make their new keys, while the manager watches."""
    manager.open("/rotation/")
    manager.reads("Parts of records")
    samuel.open("/rotation/")
    samuel.press("Go on now")
    manager.open("/rotation/")
    manager.reads("Nothing waits. Every key is the newest one.")
    samuel.open("/clients/")
    samuel.follow(ROBIN)
    samuel.follow("Who can read this record")
    samuel.look("readers")
    names = " ".join(samuel.page.locator("main th[scope=row]").all_inner_texts())
    assert "Samuel Okafor" in names
    assert DANA not in names


def client_is_told(robin: Person) -> None:
    robin.open("/my/")
    robin.follow("Read")
    robin.reads(f"Your care passed from {DANA} to Samuel Okafor.")
    robin.look("my-letters")
    robin.follow("who can open it")
    robin.reads("Samuel Okafor, who looks after you, since")
    assert DANA not in robin.page.locator("main").inner_text()
    robin.look("my-readers")


class TestARecord:
    def test_is_held_destroyed_kept_after_all_and_destroyed_for_good(self, scene: Scene, provoked: set[str]):
        manager = scene.seat("manager")
        address = client_address(manager)
        let_years_pass(scene.practice, address)
        code = review(manager)
        hold_stops_it(manager)
        decide(manager, code)
        manager.press("Undo: keep the record")
        manager.reads("Undone.")
        decide(manager, code)
        let_a_month_pass(scene.practice)
        carry_out(manager, code)
        provoked.add("status of 404")
        manager.open(address)
        manager.reads("There is nothing here for you")


def client_address(manager: Person) -> str:
    manager.open("/clients/")
    return manager.page.get_by_role("link", name=MARA, exact=True).get_attribute("href") or ""


def let_years_pass(practice: DemoPractice, address: str) -> None:
    """Let the care have ended long ago, as no test can wait for."""
    client = address.split("/")[2].replace("-", "")
    past = "started_at = '2014-03-01 10:00:00', ended_at = '2014-03-01 10:00:00'"
    practice.execute(f"UPDATE clients_care SET {past} WHERE client_id = '{client}'")  # noqa: S608 (an id of ours)


def let_a_month_pass(practice: DemoPractice) -> None:
    earlier = ", ".join(f"{name} = datetime({name}, '-31 days')" for name in ("decided_at", "due_at"))
    practice.execute(f"UPDATE clients_destruction SET {earlier}")  # noqa: S608 (names of ours)


def review(manager: Person) -> str:
    """Come to the list from the first page, and go to the one record on it, whose code comes back."""
    manager.open("/people/")
    manager.follow("decide about it")
    manager.reads("time is over: decide")
    manager.look("review-due")
    code = manager.page.locator("tr.attention th").inner_text()
    manager.follow(code)
    manager.look("keeping-due")
    manager.follow("Keep it longer")
    manager.look("keep-longer")
    manager.follow(code)
    return code


def hold_stops_it(manager: Person) -> None:
    manager.follow("Put a legal hold on it")
    manager.look("legal-hold")
    manager.type("Reason, in one line", CLAIM)
    manager.press("Hold the record")
    manager.reads(CLAIM)
    manager.look("keeping-held")
    assert not manager.page.get_by_role("link", name="Destroy it", exact=True).count()
    manager.press("Lift this hold")
    manager.reads("Lifted. Nothing is destroyed by that alone.")


def decide(manager: Person, code: str) -> None:
    manager.follow("Destroy it")
    manager.look("destroy")
    manager.type("The client’s code, as it stands above", code)
    manager.press("Destroy it in 30 days")
    manager.reads("The record is closed")
    manager.look("keeping-decided")


def carry_out(manager: Person, code: str) -> None:
    manager.open("/clients/keeping/")
    manager.look("review-over")
    manager.press("Destroy now what was decided")
    manager.reads("Destroyed: 1.")
    manager.look("review-destroyed")
    manager.follow(f"Certificate of {code}")
    manager.look("certificate")
    manager.reads("not complete before")


def groups(person: Person) -> list[str]:
    """Read what stands on the page in groups: a code, or six words."""
    return person.page.locator(".code-groups span").all_inner_texts()
