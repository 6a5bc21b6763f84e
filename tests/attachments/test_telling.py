"""What a file is, by what is in it."""

import codecs

import pytest

from attachments.kinds import Kind
from attachments.telling import Teller
from tests.attachments.conftest import CANARY, DOCX, HEIC, JPEG, ODT, PDF, PNG, TEXT, zipped

pytestmark = pytest.mark.once

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
XLSX = zipped(("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", b"<r/>"), ("xl/workbook.xml", CANARY))
# A gigabyte once it is unpacked.
BOMB = zipped(*((f"{number}.txt", bytes(1_000_000)) for number in range(20)))


def tell(content: bytes, step: int = 7) -> Kind | None:
    """Let a file pass in small parts, so that every sign that has several bytes is cut somewhere."""
    teller = Teller()
    for start in range(0, len(content), step):
        teller.see(content[start : start + step])
    return teller.tell()


class TestAFile:
    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            (Kind.PDF, PDF),
            (Kind.PNG, PNG),
            (Kind.JPEG, JPEG),
            (Kind.HEIC, HEIC),
            (Kind.DOCX, DOCX),
            (Kind.ODT, ODT),
            (Kind.TEXT, TEXT),
            (Kind.TEXT, codecs.BOM_UTF8 + TEXT),
            # As BMP begins, or a program of Windows: no text is taken for what nobody asked about.
            (Kind.TEXT, b"BMW drivers\tare no bitmap.\f"),
            (Kind.TEXT, b"MZ is a word too."),
        ],
    )
    def test_is_what_is_in_it(self, kind, content):
        assert tell(content) is kind

    @pytest.mark.parametrize(
        "content",
        [
            HTML,
            b" \n" + HTML,
            codecs.BOM_UTF8 + SVG,
            b"MZ\x90\0\3\0" + CANARY,
            b"GIF89a\1\0\1\0\0",
            b"From the doctor.\0" + CANARY,
            b"\x1b]0;a title of the terminal\x07",
            "Grüße".encode("latin-1"),
            "Grüße".encode()[:-2],
            XLSX,
            BOMB,
            b"PK\x03\x04",
            b"GIF89a" + PDF,
            b"",
        ],
    )
    def test_is_nothing_to_attach_by_anything_else(self, content):
        assert tell(content, step=len(content) or 1) is None

    def test_of_two_kinds_is_the_one_that_it_begins_as(self):
        assert tell(PNG + HTML) is Kind.PNG
        assert tell(PDF + DOCX) is Kind.PDF
        assert tell(JPEG + BOMB) is Kind.JPEG

    def test_is_hopeless_long_before_its_end_where_nothing_fits(self):
        teller = Teller()
        teller.see(b"MZ\x90\0" + bytes(9000))
        assert teller.is_hopeless
        for begins in (PDF, TEXT):
            teller = Teller()
            teller.see(begins + b"a" * 9000)
            assert not teller.is_hopeless

    def test_is_no_text_by_its_beginning_alone(self):
        teller = Teller()
        teller.see(b"a" * 100_000)
        teller.see(b"\0")
        assert teller.is_hopeless
        assert teller.tell() is None
