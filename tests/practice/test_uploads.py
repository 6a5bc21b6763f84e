"""Files are accepted on the pages that ask for one, and no part of any file is ever written down."""

import os
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from attachments.models import Attachment
from practice.policy import POLICY
from tests.at_rest import dump

ADDRESS = "/clients/bring/"
CANARY = b"a letter from the client " * 200_000  # 5 MB: past every limit that would keep it in memory


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A temporary folder of our own, and a list of every file that is opened for writing."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[str] = []
    real = os.open

    def watch(path, flags, *rest, **others):
        if flags & (os.O_WRONLY | os.O_RDWR):
            opened.append(os.fspath(path))
        return real(path, flags, *rest, **others)

    monkeypatch.setattr(os, "open", watch)
    yield tmp_path
    assert not [path for path in opened if Path(path).is_relative_to(tmp_path)]


@pytest.mark.parametrize("address", ["/sign-in/", "/people/invite/", "/again/"])
def test_are_refused_before_a_byte_is_kept(cast, client, watched, address):
    answer = client.post(address, {"code": "1", "file": SimpleUploadedFile("letter.pdf", CANARY)})
    assert answer.status_code == 400
    assert b"letter" not in answer.content
    assert not list(watched.iterdir())


def test_of_a_small_file_is_refused_as_well(db, client, watched):
    answer = client.post("/sign-in/", {"file": SimpleUploadedFile("note.txt", b"short")})
    assert answer.status_code == 400


def test_on_the_page_that_takes_a_list_it_stays_in_memory(cast, signed_in, watched):
    list_ = b"Name,Contact\n" + b"".join(b"Client %d,%d@post.example\n" % (n, n) for n in range(5_000))
    therapist = str(cast.dana.user.pk)
    for content in (list_, list_ * 40):
        answer = signed_in(cast.dana).post(
            ADDRESS, {"file": SimpleUploadedFile("l.csv", content), "therapist": therapist}
        )
        assert answer.status_code == 200
    assert b"This file is too large" in answer.content
    assert not list(watched.iterdir())


def test_of_two_files_at_once_neither_is_taken(cast, signed_in):
    files = {"file": SimpleUploadedFile("a.csv", b"Name\nA"), "more": SimpleUploadedFile("b.csv", b"Name\nB")}
    assert signed_in(cast.dana).post(ADDRESS, files).status_code == 400


def test_of_somebody_signed_out_is_passed_over_and_asked_for_again(db, client, watched):
    answer = client.post(ADDRESS, {"file": SimpleUploadedFile("list.csv", CANARY), "therapist": "somebody"})
    assert answer.status_code == 423
    assert b"somebody" in answer.content
    assert CANARY[:20] not in answer.content


def test_on_the_page_that_keeps_one_it_lies_sealed_and_without_a_name(cast, signed_in, watched, settings):
    settings.RUN_DIR = watched.parent
    before = sorted(watched.parent.iterdir())
    address = f"/clients/{cast.robin.client_id}/files/attach/"
    # One of 5 MB, and one that is refused after all of it came.
    for content in (CANARY, CANARY + b"\0"):
        signed_in(cast.dana).post(address, {"form": uuid4(), "file": SimpleUploadedFile("a.txt", content)})
        assert not list(watched.iterdir())
        assert sorted(watched.parent.iterdir()) == before
    assert Attachment.objects.get()
    assert CANARY[:24] not in dump()


def test_is_taken_on_three_pages_alone():
    taking = ["attachments:add", "practice:choose_list", "practice:choose_notes"]
    assert [name for name, row in POLICY.items() if row.upload] == taking
    assert [name for name, row in POLICY.items() if row.seals_upload] == ["attachments:add"]


def test_too_long_a_text_is_refused(db, client, watched):
    assert client.post("/sign-in/", {"address": "a" * 1_048_577}).status_code == 400
