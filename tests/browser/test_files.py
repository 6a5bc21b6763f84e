"""A file at a real browser: attached, looked at, and left nowhere but in its record."""

import socket
from collections.abc import Callable
from time import sleep

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import runs_off_the_screen
from tests.browser.paint import paint
from tests.browser.people import See, Therapist
from tests.browser.remains import find_in_the_clear
from tests.browser.server import Server

OpenPage = Callable[..., Page]

CANARY = "Grünspecht-6284"
PAGE = b"<!-- --><script>document.title = 'taken over'</script>"
LETTER = f"From the family doctor: {CANARY}\n".encode() * 30_000


@pytest.fixture
def dana(open_page: OpenPage, server: Server, see: See) -> Therapist:
    dana = Therapist(open_page(phone=True, dark=True), see)
    dana.sign_in(server.practice, "therapist")
    return dana


def files_of(dana: Therapist) -> str:
    return dana.find_client("Robin Marlowe").replace("notes/", "files/")


def test_a_file_is_attached_shown_kept_and_lies_around_nowhere(dana: Therapist, server: Server) -> None:
    files = files_of(dana)
    dana.open(files)
    dana.follow("Attach a file")
    look(dana, "attach-file")
    dana.attach("drawing.jpg", b"MZ\x90\0 no picture at all", f"About {CANARY}")
    dana.reads("none of the kinds of files that can be attached")
    expect(dana.field("What it is")).to_have_value(f"About {CANARY}")
    # A picture with a web page behind it is a picture.
    dana.attach("drawing.html", paint("white", house="grey", sun="gold") + PAGE, f"About {CANARY}")
    assert dana.heading() == "drawing.html.png"
    expect(dana.page.locator("main img")).to_have_js_property("naturalWidth", 640)
    look(dana, "read-file")
    dana.open(f"{files}attach/")
    dana.attach(f"{CANARY}.txt", LETTER)
    with dana.page.expect_download() as download:
        dana.follow("Download")
    assert download.value.suggested_filename == f"{CANARY}.txt"
    assert download.value.path().read_bytes() == LETTER
    dana.open(files)
    look(dana, "files")
    download.value.delete()
    assert find_in_the_clear(server.practice, [CANARY]) == []


@pytest.mark.once
def test_a_connection_that_breaks_in_the_middle_leaves_nothing(dana: Therapist, server: Server) -> None:
    dana.open(f"{files_of(dana)}attach/")
    before = server.practice.query("SELECT count(*) FROM attachments_piece")
    token = dana.page.locator("input[name=csrfmiddlewaretoken]").last.input_value()
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in dana.page.context.cookies())
    parts = f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
    parts += '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    head = (
        f"POST {dana.page.url.removeprefix(server.address)} HTTP/1.1\r\nHost: {server.address.removeprefix('http://')}\r\n"
        f"Cookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n"
    )
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + parts.encode() + LETTER)
        sleep(0.3)
        assert find_in_the_clear(server.practice, [CANARY]) == []
    sleep(0.3)
    assert server.practice.query("SELECT count(*) FROM attachments_piece") == before
    assert server.is_healthy()


def look(dana: Therapist, name: str) -> None:
    dana.look(name)
    assert not runs_off_the_screen(dana.page)
