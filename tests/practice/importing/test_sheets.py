"""Lists as office programs save them come out the same, and what is no list is told as such."""

import pytest

from practice.importing.listing import COLUMNS
from practice.importing.sheets import NotReadable, decode, read_sheet

pytestmark = pytest.mark.once

ROWS = [(2, {"name": "Zoë Añez", "phone": "555 0100"}), (3, {"name": "Ada, M.", "phone": ""})]


def read(text, at_most=9):
    return read_sheet(text, COLUMNS, at_most=at_most)


class TestDecode:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_reads_what_programs_save(self, encoding):
        assert decode("Name\nZoë – “Añez”".encode(encoding)) == "Name\nZoë – “Añez”"

    @pytest.mark.parametrize("raw", [b"Name\n\x00\x01", b"\x81\x8d", b"PK\x03\x04\x00\x00\x81", b"\xff\xfe\x00"])
    def test_takes_no_other_file(self, raw):
        with pytest.raises(NotReadable, match="save the list as CSV"):
            decode(raw)


class TestReadSheet:
    @pytest.mark.parametrize(
        "text",
        [
            'Name,Phone\nZoë Añez,555 0100\n"Ada, M.",\n',
            'name;PHONE NUMBER\r\n Zoë Añez ;555 0100\r\n"Ada, M.";\r\n',
            "Client-Name\tMobile\nZoë Añez\t555 0100\nAda, M.\t\n",
            'phone, Name\n555 0100, Zoë Añez\n, "Ada, M."\n',
            '\nName,Phone\nZoë Añez,555 0100\n"Ada, M."',
        ],
    )
    def test_gives_the_same_rows(self, text):
        assert [cells for _, cells in read(text).rows] == [cells for _, cells in ROWS]

    def test_counts_rows_as_a_spreadsheet_does(self):
        assert [number for number, _ in read("Name\nA\n\n,,\nB\n").rows] == [2, 5]
        assert [number for number, _ in read("sep=;\nName;Phone\nA;1\n").rows] == [2]

    def test_names_the_columns_that_are_not_taken_over(self):
        sheet = read("Name,Diagnosis,,Email,E-mail\nA,x,y,a@b.example,c@d.example\n")
        assert sheet.unknown == ["Diagnosis", "E-mail"]
        assert sheet.rows[0][1] == {"name": "A", "address": "a@b.example"}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "first row has to say"),
            ("Ines,555\nAda,555\n", "first row has to say"),
            ("Name\n", "has no rows"),
            ("Name\n" + "A\n" * 10, "has more than 9 rows. It takes one at least, and 9 at most"),
            ('Name\n"' + "A" * 140_000, "quotation mark is missing"),
        ],
    )
    def test_says_what_is_no_list(self, text, words):
        with pytest.raises(NotReadable, match=words):
            read(text)
