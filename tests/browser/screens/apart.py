"""What is for rarer days: a search, a questionnaire, a list brought in, a record kept from managers."""

from playwright.sync_api import Browser, FilePayload, Page

from tests.browser.paint import paint
from tests.browser.people import Manager, Person, Therapist
from tests.browser.screens.camera import take
from tests.browser.server import Server

_LAST_QUESTION = 10
_LIST = """\
Name,Contact,Since,Signed elsewhere on,Where the paper is,Own reference
Ines Moreau,ines@post.example,2023-04-03,2023-04-03,"Blue folder, second shelf",A-17
Jonas Weber,+1 555 0188,2024-09-16,,,A-22
Lee Novak,,last spring,,,A-31
"""


def walk(browser: Browser, server: Server) -> None:
    """Take these pages."""

    def sit_down() -> Page:
        return browser.new_context(base_url=server.address, locale="en-US", reduced_motion="reduce").new_page()

    manager, dana = Manager(sit_down(), take), Therapist(sit_down(), take)
    samuel, robin = Therapist(sit_down(), take), Person(sit_down(), take)
    manager.sign_in(server.practice, "manager")
    dana.sign_in(server.practice, "therapist")
    samuel.sign_in(server.practice, "other_therapist")
    robin.sign_in(server.practice, "client")
    notes = dana.find_client("Robin Marlowe")
    _search(dana, notes)
    _withdraw(dana, notes)
    _measure(dana, robin, notes.replace("notes/", "measures/"))
    _attach(dana, notes.replace("notes/", "files/"))
    _name_a_custodian(dana, samuel, manager, server.practice.people["therapist"]["user"])
    supervise(manager, dana, samuel, robin, notes)
    _bring_in(manager, dana)
    _come_together(dana)
    _keep_apart(dana, server, notes)


def _come_together(dana: Therapist) -> None:
    dana.open("/clients/together/")
    dana.look("make-unit")
    dana.choose("Couple", "Robin Marlowe", "Mara Castellan")
    dana.type("What the record is called", "The lake house")
    dana.press("Make their record")
    dana.look("members")
    dana.follow("The lake house")
    dana.follow("Session with a part for each")
    dana.look("begin-together")


def _search(dana: Therapist, notes: str) -> None:
    dana.begin_note(notes, "Contact")
    dana.write("What happened", "She rang about the café by the river; the ladder comes next week.")
    dana.sees_saved()
    dana.open("/search/")
    dana.type("Words", 'cafe "the ladder"')
    dana.page.keyboard.press("Enter")
    dana.reads("Found in")
    dana.look("search")


def _withdraw(dana: Therapist, notes: str) -> None:
    dana.begin_note(notes, "Call")
    dana.write("What happened", "He rang to move Thursday to Friday.")
    dana.review()
    dana.sign()
    dana.follow("Written for the wrong client?")
    dana.press("Withdraw it")
    dana.look("withdrawn-note")
    dana.follow("Begin a draft with its text")
    dana.look("carry-note")


def _attach(dana: Therapist, files: str) -> None:
    drawing = paint("#d9e4cf", house="#7d8fa8", sun="#d9a95b")
    attached = (
        ("Report of the clinic.txt", b"Discharged in good health.", "Report of the clinic, 12 May"),
        ("drawing.png", drawing, "Drawing of the garden, brought along"),
    )
    for name, content, words in attached:
        dana.open(f"{files}attach/")
        dana.look("attach-file")
        dana.attach(name, content, words)
    dana.look("read-file")
    dana.follow("Take it out of the record")
    dana.look("remove-file")
    dana.open(files)
    dana.look("files")


def _measure(dana: Therapist, robin: Person, measures: str) -> None:
    dana.open(measures)
    dana.press("Ask for PHQ-9")
    robin.open("/my/")
    robin.follow("Open the questions")
    robin.page.get_by_role("link", name="Open").last.click()
    robin.look("measure-begin")
    robin.follow("Begin")
    for number in range(1, _LAST_QUESTION + 1):
        robin.reads(f"Question {number} of {_LAST_QUESTION}")
        if number == 2:
            robin.look("measure-question")
        robin.choose("Somewhat difficult" if number == _LAST_QUESTION else "Several days")
        robin.press("Go on")
    robin.press("Send to my therapist")
    dana.open("/today/")
    dana.page.locator("#urgent ~ ul a").click()
    dana.look("measure-review")
    dana.type("What was done", "Called at once. Plan for the night agreed, seen tomorrow at nine.")
    dana.press("Close with what was done")
    dana.open(measures)
    dana.look("measures")


def supervise(manager: Manager, dana: Therapist, samuel: Therapist, robin: Person, notes: str) -> None:
    """Let Samuel supervise Dana: name him, give him what he reads, ask for changes, and co-sign what answered."""
    manager.open("/people/")
    manager.follow("Name a supervisor of Dana Whitlock")
    manager.choose("Samuel Okafor")
    manager.look("name-supervisor")
    manager.press("Name the supervisor")
    dana.open("/account/supervision/")
    dana.look("my-supervision")
    dana.press("Let Samuel Okafor read these records")
    dana.begin_note(notes, "Call")
    dana.write("What happened", "She called about the night: the second one without sleep.")
    dana.review()
    address = dana.sign().replace("/notes/", "/supervision/notes/")
    samuel.open("/today/")
    samuel.look("today-to-cosign")
    samuel.open(address)
    samuel.look("cosign-note")
    samuel.type("What should change, and why", "Please say what was agreed for the coming night.")
    samuel.press("Ask for changes")
    dana.open("/today/")
    dana.page.locator("#asked ~ ul a").click()
    dana.look("changes-asked")
    dana.press("Write an addendum")
    dana.choose("Something was left out")
    dana.type("The reason in your own words", "My supervisor asked.")
    dana.type("What is added", "She stays with her sister tonight and calls at nine.")
    dana.review()
    dana.sign()
    samuel.open(address)
    samuel.press("Co-sign")
    samuel.open(address)
    samuel.look("cosigned-note")
    samuel.open(notes.replace("/clients/", "/supervision/").replace("notes/", ""))
    samuel.look("supervised-notes")
    robin.open(notes.replace("/clients/", "/my/").replace("notes/", "readers/"))
    robin.look("in-training")


def _name_a_custodian(dana: Therapist, samuel: Therapist, manager: Manager, therapist: str) -> None:
    pages: tuple[tuple[Person, str, str], ...] = (
        (dana, "custodian", "/account/custodian/"),
        (samuel, "custody", "/custody/"),
        (manager, "release-will", f"/people/{therapist}/custody/"),
    )
    for person, name, address in pages:
        person.open(address)
        person.look(name)


def _bring_in(manager: Manager, dana: Therapist) -> None:
    file: FilePayload = {"name": "clients.csv", "mimeType": "text/csv", "buffer": _LIST.encode()}
    manager.open("/clients/")
    manager.follow("Bring in a list")
    manager.look("choose-list")
    manager.field("The list, as a CSV file").set_input_files(file)
    manager.field("Therapist").select_option(label="Dana Whitlock")
    manager.press("Look through the list")
    manager.look("preview-list")
    manager.press("Bring in 2 clients")
    manager.look("brought-list")
    dana.open("/today/")
    dana.look("today-to-sign")


def _keep_apart(dana: Therapist, server: Server, notes: str) -> None:
    server.practice.execute("UPDATE access_practice SET hidden_clients = 1")
    for name, part in (("restrict", "restricted/"), ("record-log", "log/"), ("own-notes", "own-notes/")):
        dana.open(notes.replace("notes/", part))
        dana.look(name)
