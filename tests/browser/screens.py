"""`make screens`: the people of the journey walk over a demo of their own, and each page has its picture taken.

Each page is taken four times: on a desk and on a phone, in daylight and in the dark. The pictures are part of the
README and of the docs; nothing in them is about anybody who exists.
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, PHONE, find_chromium
from tests.browser.people import TALK, ClientOnPhone, Manager, Therapist
from tests.browser.server import PROJECT, DemoPractice, Server

FOLDER = PROJECT / "docs/screens"
WIDTHS = (1280, PHONE["width"])
SCHEMES = ("light", "dark")
_SECRET = "cGljdHVyZXMgb2YgaW52ZW50ZWQgcGVvcGxlLCAzMmI="
# As tall as the page, so that what sticks to the bottom of a window covers no text; of a long list its beginning.
_LEAST_HEIGHT, _MOST_HEIGHT = 800, 1400
PAGES = (
    "sign-in",
    "people",
    "limits-text",
    "limits-choices",
    "invite",
    "letter",
    "clients",
    "invitation",
    "passphrase",
    "second-factor",
    "my-page",
    "today",
    "client",
    "begin-note-refused",
    "emergency",
    "consent-begin",
    "consent-section",
    "consent-check",
    "consent-sign",
    "receipt",
    "begin-note",
    "write-note",
    "review-note",
    "read-note",
    "process-note",
    "again",
    "not-found",
    "log",
    "log-entry",
    "my-looks",
    "my-questions",
    "help",
    "account",
    "settings",
    "contact",
    "consent-record",
    "emergency-reasons",
    "change-moment",
)
BROUGHT = """Slept four nights out of seven without waking at three. Says the walk after dinner helps more than the tea.

The meeting with her brother went better than feared: “I said the one sentence we had practised, and then I left.”"""
TOGETHER = (
    "Went through the week hour by hour and marked where the worry starts. She noticed herself that it begins with "
    "the phone, not with the dark."
)
THOUGHTS = "I hurried her when she spoke of her brother. Ask myself why before next week."


def main() -> None:
    """Take every picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="subrosa-screens-") as scratch, sync_playwright() as playwright:
        server = _serve(Path(scratch) / "practice")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            _walk(browser, server)
        finally:
            browser.close()
            server.stop()


def take(page: Page, name: str) -> None:
    """Take the four pictures of a page; pages that are not on the list have no need of any."""
    if name not in PAGES:
        return
    size = page.viewport_size
    # The words of a note are counted after a pause in the typing.
    page.wait_for_timeout(400)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": _LEAST_HEIGHT})
        height = min(page.evaluate("document.documentElement.scrollHeight"), _MOST_HEIGHT)
        page.set_viewport_size({"width": width, "height": height})
        # From the top, whichever part of itself the page led to.
        page.evaluate("scrollTo(0, 0)")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png")
    page.emulate_media(color_scheme="light")
    if size:
        page.set_viewport_size(size)


def _serve(folder: Path) -> Server:
    os.environ.update(DATABASE_URL="sqlite", SECRET_KEY="for-pictures-only-" * 3, PEPPER=_SECRET, SERVICE_KEY=_SECRET)
    server = Server(DemoPractice.create(folder))
    server.start()
    return server


def _walk(browser: Browser, server: Server) -> None:
    def sit_down() -> Page:
        return browser.new_context(base_url=server.address, locale="en-US", reduced_motion="reduce").new_page()

    manager, dana = Manager(sit_down(), take), Therapist(sit_down(), take)
    client = ClientOnPhone(sit_down(), take)
    manager.sign_in(server.practice, "manager")
    manager.open("/people/")
    manager.look("people")
    letter = manager.invite(name="Tamsin Wood", address="tamsin@post.example", therapist="Dana Whitlock")
    manager.open("/clients/")
    manager.look("clients")
    client.open_letter(letter)
    client.set_up_app()
    client.look("my-page")
    dana.sign_in(server.practice, "therapist")
    notes_url = dana.find_client("Tamsin Wood")
    _wait_for_signature(dana, notes_url)
    _sign(client)
    _write(dana, notes_url)
    _look_back(manager, client)
    _look_around(manager, dana, client, {"contact": letter.client_url, "notes": notes_url})
    # Last: whoever has signed is asked to sign anew from then on.
    _publish(manager)
    # What the idle lock does.
    server.practice.execute("DELETE FROM access_keysession")
    dana.open("/today/")
    dana.look("again")


def _wait_for_signature(dana: Therapist, notes_url: str) -> None:
    dana.begin_note(notes_url, "Session")
    dana.look("begin-note-refused")
    dana.follow("Give an emergency reason")
    dana.look("emergency")
    dana.choose("The client cannot sign now")
    dana.type("What happened, in one line", "Called in distress from the station, phone nearly empty.")
    dana.type("One line for the manager", "Phone contact, form follows tomorrow")
    dana.press("Open emergency notes for 72 hours")


def _sign(client: ClientOnPhone) -> None:
    client.agree_to_screen_forms()
    client.look("consent-section")
    client.answer_wrongly()
    client.answer_rightly()
    client.choose(TALK)
    client.go_on()
    while "check" not in client.page.url:
        client.answer_rightly()
    client.look("consent-check")
    client.sign_limits("Tamsin Wood")


def _write(dana: Therapist, notes_url: str) -> None:
    after = datetime.now(UTC) + timedelta(minutes=1)
    dana.open(notes_url.replace("/notes/", "/consent/"))
    dana.press("We talked about it")
    dana.open(f"{notes_url}begin/")
    dana.look("begin-note")
    dana.begin_note(notes_url, "Session", at=after)
    dana.write_session(BROUGHT, together=TOGETHER)
    dana.type("Plan", "Phone stays in the kitchen from nine. Walk on Monday and Thursday.")
    dana.sees_saved()
    dana.look("write-note")
    dana.follow("Change when it was")
    dana.look("change-moment")
    dana.page.go_back()
    dana.review()
    dana.look("review-note")
    dana.sign()
    dana.look("read-note")
    dana.begin_note(notes_url, "Process note", at=after)
    dana.write("Your own thoughts", THOUGHTS)
    dana.sees_saved()
    dana.look("process-note")
    dana.open(notes_url)
    dana.look("client")
    dana.open("/today/")
    dana.look("today")


def _look_back(manager: Manager, client: ClientOnPhone) -> None:
    manager.open("/nothing-here/")
    manager.look("not-found")
    manager.read_log()
    manager.look("log")
    row = manager.page.get_by_role("row").filter(has_text="Signed a progress note").first
    row.get_by_role("link").click()
    manager.look("log-entry")
    client.open("/my/")
    client.follow("See who, when and why")
    client.look("my-looks")


def _look_around(manager: Manager, dana: Therapist, client: ClientOnPhone, urls: dict[str, str]) -> None:
    pages = (
        (manager, "settings", "/people/settings/"),
        (manager, "contact", urls["contact"]),
        (manager, "emergency-reasons", "/emergency-reasons/"),
        (dana, "consent-record", urls["notes"].replace("/notes/", "/consent/")),
        (dana, "account", "/account/"),
        (client, "help", "/help/"),
    )
    for person, name, address in pages:
        person.open(address)
        person.look(name)
    client.open("/my/")
    client.follow("Ask, and see the answers")
    client.look("my-questions")


def _publish(manager: Manager) -> None:
    manager.choose_text(state="Oregon")
    manager.look("limits-choices")
    manager.publish_text()
    manager.look("limits-text")


if __name__ == "__main__":
    main()
