"""What happens to keys in the life of a practice: forgotten, lost, passed on, taken back, destroyed."""

from playwright.sync_api import Browser, Page

from tests.browser.people import Manager, Person, Therapist
from tests.browser.screens.camera import take
from tests.browser.server import Server

_LONG_AGO = "2014-03-01 10:00:00"


def walk(browser: Browser, server: Server) -> None:
    """Take the pages of this part of a practice's life."""

    def sit_down() -> Page:
        return browser.new_context(base_url=server.address, locale="en-US", reduced_motion="reduce").new_page()

    manager, dana = Manager(sit_down(), take), Therapist(sit_down(), take)
    robin, stranger = Person(sit_down(), take), Person(sit_down(), take)
    samuel = Therapist(sit_down(), take)
    _find_back(stranger)
    dana.sign_in(server.practice, "therapist")
    manager.sign_in(server.practice, "manager")
    robin.sign_in(server.practice, "client")
    _keep_an_account(dana)
    notes, other = dana.find_client("Robin Marlowe"), dana.find_client("Mara Castellan")
    colleague = server.practice.people["therapist"]["user"]
    _help_back(manager, other, colleague)
    _pass_on(manager, dana, notes, colleague)
    samuel.sign_in(server.practice, "other_therapist")
    _cover(dana, samuel, manager, other)
    _tell(robin, notes)
    _destroy(manager, server, other)
    # Last: it has to be typed back before anything else.
    _draw_code(dana)


def _find_back(stranger: Person) -> None:
    for name, address in (("locked-out", "/locked-out/"), ("recover", "/recover/")):
        stranger.open(address)
        stranger.look(name)


def _keep_an_account(dana: Therapist) -> None:
    pages = (
        ("change-passphrase", "/account/passphrase/"),
        ("new-keys", "/account/new-keys/"),
        ("prove-recovery-code", "/account/recovery-code/"),
        ("rotation", "/rotation/"),
    )
    for name, address in pages:
        dana.open(address)
        dana.look(name)
    dana.open("/account/backup-codes/")
    dana.press("Show my new codes")
    dana.look("backup-codes")


def _draw_code(dana: Therapist) -> None:
    dana.open("/account/recovery-code/new/")
    dana.press("Show my new code")
    dana.look("recovery-code")


def _help_back(manager: Manager, notes: str, colleague: str) -> None:
    manager.open(f"/people/{colleague}/second-factor/remove/")
    manager.look("lost-phone")
    manager.open(f"/people/{colleague}/new-keys/")
    manager.look("recovery-ceremony")
    manager.press("Make the link and the code")
    manager.look("recovery-letter")
    manager.open(f"/people/{colleague}/end/")
    manager.look("end-account")
    manager.open("/people/records-left-behind/")
    manager.look("records-left-behind")
    manager.open(notes.replace("notes/", "invitation/again/"))
    manager.look("client-comes-back")


def _pass_on(manager: Manager, dana: Therapist, notes: str, therapist: str) -> None:
    dana.begin_note(notes, "Contact")
    manager.open(f"/people/{therapist}/caseload/")
    manager.look("move-caseload")
    manager.open(notes.replace("notes/", "care/"))
    manager.field("Therapist").select_option(label="Samuel Okafor")
    manager.page.locator("main form button[type=submit]").click()
    dana.open(notes.replace("notes/", "share/"))
    dana.look("share-key")
    dana.open(notes.replace("notes/", "readers/"))
    dana.look("readers")
    dana.open("/clients/hand-over/")
    dana.look("hand-over-caseload")
    dana.open(notes.replace("notes/", "hand-over/"))
    dana.look("hand-over")
    manager.open(notes.replace("notes/", "care/end/"))
    manager.look("end-care")


def _cover(dana: Therapist, samuel: Therapist, manager: Manager, notes: str) -> None:
    dana.open("/clients/cover/")
    dana.look("arrange-cover")
    dana.choose("Samuel Okafor")
    dana.press("Arrange cover")
    samuel.open(notes.replace("/clients/", "/cover/").replace("notes/", ""))
    samuel.look("open-cover")
    samuel.choose("The client is in a crisis")
    samuel.type("What happened, in one line", "Called twice tonight and asks whether to go to the clinic.")
    samuel.press("Open for 12 hours")
    samuel.open("/cover/")
    samuel.look("cover")
    manager.open("/emergency-reasons/")
    manager.look("cover-reasons")


def _tell(robin: Person, notes: str) -> None:
    mine = notes.replace("/clients/", "/my/")
    for name, part in (("my-letters", "letters/"), ("my-readers", "readers/")):
        robin.open(mine.replace("notes/", part))
        robin.look(name)


def _destroy(manager: Manager, server: Server, notes: str) -> None:
    # As if years had gone by. The pictures are taken on SQLite, which stores an id without its dashes.
    client = notes.split("/")[2].replace("-", "")
    past = f"started_at = '{_LONG_AGO}', ended_at = '{_LONG_AGO}'"
    server.practice.execute(f"UPDATE clients_care SET {past} WHERE client_id = '{client}'")  # noqa: S608 (ids of ours)
    for name, part in (("legal-hold", "hold/"), ("keeping", ""), ("destroy", "destroy/")):
        manager.open(notes.replace("notes/", f"keeping/{part}"))
        manager.look(name)
    manager.type("The client’s code, as it stands above", manager.page.locator("dd.num").first.inner_text())
    manager.press("Destroy it in 30 days")
    for column in ("decided_at", "due_at"):
        earlier = f"{column} = datetime({column}, '-40 days')"
        server.practice.execute(f"UPDATE clients_destruction SET {earlier}")  # noqa: S608 (names of ours)
    manager.open("/clients/keeping/")
    manager.look("review-keeping")
    manager.press("Destroy now what was decided")
    manager.open("/clients/keeping/")
    manager.page.locator("#destroyed ~ * a").first.click()
    manager.look("certificate")
