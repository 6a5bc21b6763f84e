"""A day of the practice: from the first invitation to the signed note, and to who looked at it."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import TALK, ClientOnPhone, Manager, Therapist
from tests.browser.screens.camera import take
from tests.browser.server import Server

BROUGHT = """Slept four nights out of seven without waking at three. Says the walk after dinner helps more than the tea.

The meeting with her brother went better than feared: “I said the one sentence we had practised, and then I left.”"""
TOGETHER = (
    "Went through the week hour by hour and marked where the worry starts. She noticed herself that it begins with "
    "the phone, not with the dark."
)
THOUGHTS = "I hurried her when she spoke of her brother. Ask myself why before next week."


def walk(browser: Browser, server: Server) -> None:
    """Take the pages of a day."""

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
    # Much at once is gone and comes back, as after a slip of the hand: the version from before is kept.
    for text in ("Slept four nights", BROUGHT):
        dana.type("What the client brought", text)
        dana.page.get_by_label("What we did together").click()
        dana.sees_saved()
    dana.follow("Earlier versions")
    dana.look("earlier-versions")
    dana.page.go_back()
    dana.follow("Change when or where it was")
    dana.type("Next session", f"{after + timedelta(days=6):%Y-%m-%dT%H:%M}")
    dana.look("change-moment")
    dana.press("Change it")
    dana.review()
    dana.look("review-note")
    dana.sign()
    dana.look("read-note")
    _add(dana)
    dana.begin_note(notes_url, "Process note", at=after)
    dana.write("Your own thoughts", THOUGHTS)
    dana.sees_saved()
    dana.look("process-note")
    _look_beside(dana, notes_url, at=after + timedelta(minutes=5))
    _plan(dana, notes_url)
    dana.open(notes_url)
    dana.look("client")
    dana.open("/today/")
    dana.look("today")
    dana.open("/drafts/review/")
    dana.look("review-all")


def _plan(dana: Therapist, notes_url: str) -> None:
    dana.open(notes_url.replace("/notes/", "/plan/write/"))
    dana.type("Goal 1", "Sleeps through five nights of seven by the end of March.")
    dana.type("Steps", "[x] Writes down when the worry starts\nPhone stays in the kitchen from nine")
    dana.type("Look at it again on", (datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    dana.look("write-plan")
    dana.press("Save the plan")
    dana.look("plan")
    dana.choose("Phone stays in the kitchen from nine")
    dana.press("Keep the ticks")
    dana.follow("Who changed what, and when")
    dana.look("plan-versions")


def _add(dana: Therapist) -> None:
    dana.press("Write an addendum")
    dana.choose("Something was left out")
    dana.type("The reason in your own words", "Read it again in the evening, and missed the agreement.")
    dana.type("What is added", "Agreed that she writes down the hour when the worry starts, for one week.")
    dana.sees_saved()
    dana.look("write-addendum")
    dana.review()
    dana.sign()
    dana.look("read-addendum")
    dana.follow("Written for the wrong client?")
    dana.look("withdraw-note")


def _look_beside(dana: Therapist, notes_url: str, *, at: datetime) -> None:
    """Look at a draft with the note before it beside it, and at formats of one's own."""
    dana.begin_note(notes_url, "Message", at=at)
    expect(dana.page.locator(".beside .part").first).to_be_visible()
    dana.look("write-beside")
    dana.type("What happened", "Asks whether Thursday could be an hour later.")
    dana.sees_saved()
    dana.follow("Throw this draft away")
    dana.press("Throw it away")
    dana.open("/drafts/thrown-away/")
    dana.look("thrown-away")
    dana.open("/formats/write/")
    dana.type("Name", "My week")
    dana.type("Sections", "Since last time: In their words\nHomework (optional): What, and until when\nPlan")
    dana.look("write-format")
    dana.press("Save it")
    dana.look("formats")


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
        (dana, "export", urls["notes"].replace("/notes/", "/export/")),
        (dana, "export-own-notes", urls["notes"].replace("/notes/", "/export/own-notes/")),
        (dana, "export-caseload", "/clients/export/"),
        (dana, "print", urls["notes"].replace("/notes/", "/print/")),
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
