"""The pages of files, as a browser and somebody who lies to them use them."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test.client import encode_multipart

from attachments.kinds import LARGEST, Error
from attachments.models import Attachment, Piece
from audit.acts import Act
from audit.models import Entry
from tests.attachments.conftest import CANARY, DOCX, HEIC, JPEG, LONG, PDF, TEXT, unguarded
from tests.cast import sign_in

HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.fixture
def dana(files, signed_in):
    return signed_in(files.cast.dana)


@pytest.fixture
def send(files, dana):
    """Choose a file and press the button."""

    def press(content=PDF, *, name="letter.pdf", kind="application/pdf", **typed):
        file = SimpleUploadedFile("x", content, content_type=kind)
        # Past what Python makes of a name: a browser, or somebody with a script, sends what they like.
        file._name = name
        data = {"form": uuid4(), "description": "From Dr. Adler", **typed, "file": file}
        return dana.post(files.address("attach/"), data)

    return press


def fetch(files, dana, attachment):
    answer = dana.get(files.address("content/", attachment.pk))
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


class TestAttaching:
    def test_keeps_the_file_and_shows_it(self, files, dana, send):
        answer = send(JPEG, name="crayon.jpeg")
        attachment = Attachment.objects.get()
        assert answer["Location"] == files.address("", attachment.pk)
        page = dana.get(answer["Location"]).content.decode()
        assert "crayon.jpg" in page
        assert f'<img src="{files.address("show/", attachment.pk)}" alt="From Dr. Adler">' in page
        listed = dana.get(files.address()).content.decode()
        assert "crayon.jpg" in listed
        assert "From Dr. Adler" in listed

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (HTML, "none of the kinds"),
            (b"MZ\x90\0\3" + CANARY, "none of the kinds"),
            (b"", "This file is empty"),
            (PDF + bytes(LARGEST - len(PDF) + 1), "larger than 20 MB"),
        ],
    )
    def test_refuses_what_may_not_be_attached_and_keeps_what_was_typed(self, send, content, words):
        page = send(content).content.decode()
        assert words in page
        assert "From Dr. Adler" in page
        assert not Attachment.objects.exists()

    def test_believes_neither_name_nor_what_the_browser_says(self, files, dana, send):
        send(TEXT, name="letter.html", kind="text/html")
        answer, content = fetch(files, dana, Attachment.objects.get())
        assert content == TEXT
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="letter.html.txt"'

    @pytest.mark.parametrize(
        ("name", "leaves"),
        [
            ("../../etc/cron.pdf", "cron.pdf"),
            ("a\0b.pdf", "ab.pdf"),
            ("\u202efdp.exe", "fdp.exe.pdf"),
            ("a\\..\\b.pdf", "b.pdf"),
        ],
    )
    def test_takes_no_folder_and_no_hidden_sign_from_a_name(self, files, dana, send, name, leaves):
        send(PDF, name=name)
        answer, _ = fetch(files, dana, Attachment.objects.get())
        assert answer["Content-Disposition"] == f'attachment; filename="{leaves}"'

    def test_that_breaks_off_leaves_nothing(self, files, dana):
        data = {"form": uuid4(), "description": "x", "file": SimpleUploadedFile("letter.pdf", LONG)}
        whole = encode_multipart("BoUnDaRy", data)
        kind = "multipart/form-data; boundary=BoUnDaRy"
        for part in (
            whole[: len(whole) // 2],
            whole[: whole.index(b"%PDF") + 4],
            whole[: -len("\r\n--BoUnDaRy--\r\n")],
        ):
            answer = dana.generic("POST", files.address("attach/"), part, content_type=kind)
            assert "Please choose the file" in answer.content.decode()
        assert not Attachment.objects.exists()

    def test_after_a_time_out_asks_for_the_file_alone_once_more(self, files, client, monkeypatch):
        # Nobody who is signed out has the server seal anything.
        monkeypatch.setattr("practice.uploads.Incoming", None)
        data = {"form": uuid4(), "description": "From Dr. Adler", "file": SimpleUploadedFile("letter.pdf", PDF)}
        answer = client.post(files.address("attach/"), data)
        assert answer.status_code == 423
        assert "From Dr. Adler" in answer.content.decode()
        assert CANARY not in answer.content

    def test_wants_a_fresh_form_of_this_very_page(self, files):
        browser = Browser(enforce_csrf_checks=True)
        sign_in(browser, files.cast.dana)
        data = {"form": uuid4(), "file": SimpleUploadedFile("letter.pdf", PDF)}
        assert browser.post(files.address("attach/"), data).status_code == 403
        assert not Attachment.objects.exists()

    def test_asks_who_else_will_read_a_record_that_it_makes(self, files, send):
        files.add(files.cast.sam)
        assert "Who else will be able to open it" in send().content.decode()
        assert not Attachment.objects.exists()
        assert send(readers=[str(files.cast.sam.user.pk)]).status_code == 302


class TestAFileThatLeaves:
    @pytest.mark.parametrize("content", [PDF + HTML, JPEG + HTML, TEXT + HTML])
    def test_runs_nowhere(self, files, dana, content):
        answer, left = fetch(files, dana, files.attach(content))
        assert left == content
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Length"] == str(len(content))

    @pytest.mark.parametrize(
        ("content", "shown"), [(PDF, True), (JPEG, True), (TEXT, False), (DOCX, False), (HEIC, False)]
    )
    def test_is_shown_in_a_box_where_a_browser_keeps_no_copy(self, files, dana, content, shown):
        attachment = files.attach(content)
        answer = dana.get(files.address("show/", attachment.pk))
        assert answer["Content-Disposition"].startswith("inline;" if shown else "attachment;")
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content) == content
        page = dana.get(files.address("", attachment.pk)).content.decode()
        assert (">Open</a>" in page) is (content == PDF)

    def test_is_in_the_log_before_it_leaves(self, files, dana):
        attachment = files.attach(PDF)
        dana.get(files.address("content/", attachment.pk))
        assert Entry.objects.filter(action=Act.ATTACHMENT_READ).count() == 1

    def test_leaves_whole_or_not_at_all(self, files, dana):
        attachment = files.attach(LONG)
        with unguarded("attachments_piece"):
            Piece.objects.filter(attachment=attachment, number=4).delete()
        dana.raise_request_exception = False
        answer = dana.get(files.address("content/", attachment.pk))
        assert answer.status_code == 500
        assert CANARY not in answer.content


class TestTakingOut:
    def test_asks_what_is_wrong_and_leaves_a_line(self, files, dana):
        attachment = files.attach(PDF, name="Grünspecht.pdf")
        address = files.address("remove/", attachment.pk)
        assert "Grünspecht.pdf" in dana.get(address).content.decode()
        assert "Please choose what is wrong" in dana.post(address).content.decode()
        answer = dana.post(address, {"error": Error.OTHER_CLIENT}, follow=True)
        for page in (answer, dana.get(files.address()), dana.get(address)):
            assert "Grünspecht" not in page.content.decode()
        assert "It is about another client" in answer.content.decode()
        back = dana.get(files.address("content/", attachment.pk))
        assert back["Location"] == files.address("", attachment.pk)


def test_of_a_record_without_files_says_so(files, dana):
    assert "No file yet" in dana.get(files.address()).content.decode()
    assert files.address() in dana.get(f"/clients/{files.client.pk}/notes/").content.decode()
