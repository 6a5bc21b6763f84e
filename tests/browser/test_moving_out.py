"""A record leaves on a phone, a caseload on a desk without scripts; and nothing of either stays on the server."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.accessibility import runs_off_the_screen
from tests.browser.people import Person, See, Therapist
from tests.browser.remains import find_in_the_clear
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
# Nothing else of the demo says this.
TEXT = "She rang from the station; the Wendehals comes next week."


def test_a_record_leaves_and_nothing_of_it_stays(server: Server, open_page: OpenPage, see: See) -> None:
    dana = Therapist(open_page(phone=True), see)
    dana.sign_in(server.practice, "therapist")
    notes = dana.find_client("Robin Marlowe")
    dana.begin_note(notes, "Call")
    dana.write("What happened", TEXT)
    dana.review()
    dana.sign()
    dana.open(notes)
    dana.follow("Put the record into a file")
    dana.look("export")
    dana.choose("The client asked for their record")
    files = files_in(downloaded(dana, "Make the file"))
    assert TEXT in files["record.txt"].decode()
    pages = PdfReader(io.BytesIO(files["record.pdf"])).pages
    assert "Wendehals" in "".join(page.extract_text() for page in pages)
    dana.follow("Process notes, on a page of their own")
    dana.look("export-own-notes")
    assert not runs_off_the_screen(dana.page)
    dana.open(f"{notes.replace('notes/', '')}print/")
    dana.look("print")
    dana.choose("For the client’s hand")
    assert downloaded(dana, "Make the pages").startswith(b"%PDF-1.7")
    assert not runs_off_the_screen(dana.page)
    a_caseload_says_how_far_it_is(server, dana, open_page)
    assert find_in_the_clear(server.practice, ["Wendehals"]) == []


def a_caseload_says_how_far_it_is(server: Server, dana: Therapist, open_page: OpenPage) -> None:
    dana.open("/clients/")
    dana.follow("Put all my records into files")
    dana.look("export-caseload")
    assert not runs_off_the_screen(dana.page)
    dana.choose("The practice’s own files")
    count = dana.page.locator("[data-code]").count()
    files = files_in(downloaded(dana, f"Make {count} file{'s' if count > 1 else ''}"))
    assert len(files) == count + 1
    expect(dana.page.get_by_role("status").filter(has_text="in a file")).to_have_text(f"All {count} are in a file.")
    # The same on a second device, where no script runs.
    plain = Person(open_page(scripts=False, cookies=dana.page.context.storage_state()))
    plain.open("/clients/export/")
    plain.follow("Show how far it is now")
    plain.reads(f"{count} of {count} put into a file today.")


def downloaded(person: Person, button: str) -> bytes:
    with person.page.expect_download() as waiting:
        person.press(button)
    return Path(waiting.value.path()).read_bytes()


def files_in(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
