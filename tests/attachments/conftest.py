"""Robin's record, and files that Dana attaches to it."""

import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from access.spool import PIECE
from attachments.incoming import Incoming
from attachments.kinds import LARGEST, Error
from attachments.models import Attachment, Removal
from attachments.services.adding import NewFile, add_attachment
from attachments.services.finding import find_attachment
from attachments.services.reading import Opened, look_at_attachment, read_attachment
from attachments.services.removing import remove_attachment
from clients.models import Client
from tests.audit.sql import run
from tests.beginnings import beginning
from tests.cast import Cast
from tests.clients.conftest import Record
from tests.notes.conftest import settle
from tests.practice.exporting.conftest import no_press  # noqa: F401 (a fixture)

CANARY = "Grünspecht-5172".encode()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + CANARY
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + CANARY
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + CANARY
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + CANARY
TEXT = b"From the family doctor.\r\n" + CANARY
# Three pieces and a bit, and no two of them alike.
LONG = PDF + os.urandom(PIECE * 3)


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a ZIP, as office programs do."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


ODT = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", CANARY), how=zipfile.ZIP_STORED)
DOCX = zipped(("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", b"<r/>"), ("word/document.xml", CANARY))


_TAKEN: list[Incoming] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what came in, as Django does with the files of a request."""
    yield
    while _TAKEN:
        _TAKEN.pop().close()


def incoming(content: bytes, *, limit: int = LARGEST) -> Incoming:
    """Let a file come in as it does from a browser."""
    taken = Incoming(limit)
    _TAKEN.append(taken)
    for start in range(0, len(content), 65_536):
        taken.take(content[start : start + 65_536])
    taken.finish()
    return taken


@dataclass(frozen=True)
class Files(Record):
    """A record, and what is done with its files."""

    def new(self, content: bytes = LONG, *, name: str = "letter.pdf", words: str = "From Dr. Adler") -> NewFile:
        return NewFile(uuid4(), name, words, incoming(content))

    def attach(self, content: bytes = LONG, **how: str) -> Attachment:
        return add_attachment(by=self.dana, client=self.client, new=self.new(content, **how), at=timezone.now())

    def read(self, attachment: Attachment) -> bytes:
        attachment = find_attachment(by=self.dana, client_id=self.client.pk, attachment_id=attachment.pk)
        return b"".join(read_attachment(by=self.dana, attachment=attachment, at=timezone.now()).pieces)

    def facts(self, attachment: Attachment) -> Opened:
        attachment = find_attachment(by=self.dana, client_id=self.client.pk, attachment_id=attachment.pk)
        return look_at_attachment(by=self.dana, attachment=attachment, at=timezone.now())[1]

    def take_out(self, attachment: Attachment, error: Error = Error.OTHER_CLIENT) -> Removal:
        return remove_attachment(by=self.dana, attachment=attachment, error=error, at=timezone.now())

    def address(self, page: str = "", attachment: UUID | None = None) -> str:
        return "/".join(["/clients", str(self.client.pk), "files", *([str(attachment)] if attachment else []), page])


_GUARDS = {
    operation.guard.table: operation.guard
    for operation in import_module("attachments.migrations.0002_append_only").Migration.operations
}


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """Lift the guard of a table, as somebody who owns the database would, and put it back."""
    settle()
    run(*_GUARDS[table].remove_statements(connection))
    yield
    settle()
    run(*_GUARDS[table].install_statements(connection))


@beginning
def files(cast: Cast) -> Files:
    """A client about whom nothing was written yet."""
    return Files(cast, Client.objects.get(pk=cast.robin.client_id))
