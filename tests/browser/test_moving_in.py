"""A list of clients is brought in on a phone, at a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page

from tests.browser.accessibility import runs_off_the_screen
from tests.browser.people import Manager, See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
LIST = """\
Name;Contact;Since;Signed elsewhere on;Where the paper is;Own reference;Diagnosis
{first};zoe@post.example;3/4/2023;3/5/2023;Blue folder, second shelf;of {first};x
{second};+1 555 0188;;;;of {second};
Lee Nobody;;spring;;;;
"""


@pytest.mark.parametrize(
    ("scripts", "first", "second"),
    [(True, "Zoë Añez", "Ada Quist"), (False, "Ömer Roe", "Otto Roe")],
    ids=["with scripts", "without scripts"],
)
def test_a_list_is_looked_through_and_brought_in(
    open_page: OpenPage, server: Server, see: See, scripts: bool, first: str, second: str
) -> None:
    # Without scripts nothing can be measured on the page, and axe is one.
    manager = Manager(open_page(phone=True, scripts=scripts), *([see] if scripts else []))
    manager.sign_in(server.practice, "manager")
    manager.open("/clients/")
    manager.follow("Bring in a list")
    look(manager, "choose-list", scripts)
    file: FilePayload = {
        "name": "clients.csv",
        "mimeType": "text/csv",
        "buffer": LIST.format(first=first, second=second).encode("cp1252"),
    }
    manager.field("The list, as a CSV file").set_input_files(file)
    manager.field("Therapist").select_option(label="Dana Whitlock")
    manager.press("Look through the list")
    manager.reads("2 clients will come into the care of Dana Whitlock; 1 row will be left out. Nobody is mailed.")
    manager.reads("Since: Please write this day as 2026-11-18.")
    manager.reads("No place here for: Diagnosis.")
    look(manager, "preview-list", scripts)
    manager.press("Bring in 2 clients")
    assert manager.heading() == "2 clients brought in"
    look(manager, "brought-list", scripts)
    manager.follow(first)
    manager.reads("5 March 2023. The paper: Blue folder, second shelf")
    if scripts:
        dana = Therapist(open_page(phone=True, dark=True), see)
        dana.sign_in(server.practice, "therapist")
        dana.open("/today/")
        dana.reads("To sign at the next session")
        look(dana, "today-to-sign", scripts)


def look(person: Manager | Therapist, name: str, scripts: bool) -> None:
    person.look(name)
    if scripts:
        assert not runs_off_the_screen(person.page)
