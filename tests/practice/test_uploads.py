"""Files are not accepted, and no part of one is ever written down."""

import os
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

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
def test_are_refused_before_a_byte_is_kept(db, client, watched, address):
    answer = client.post(address, {"code": "1", "file": SimpleUploadedFile("letter.pdf", CANARY)})
    assert answer.status_code == 400
    assert b"letter" not in answer.content
    assert not list(watched.iterdir())


def test_of_a_small_file_is_refused_as_well(db, client, watched):
    answer = client.post("/sign-in/", {"file": SimpleUploadedFile("note.txt", b"short")})
    assert answer.status_code == 400


def test_too_long_a_text_is_refused(db, client, watched):
    assert client.post("/sign-in/", {"address": "a" * 1_048_577}).status_code == 400
