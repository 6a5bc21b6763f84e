"""Files come out as notes, or with what is wrong with them; nothing of a ZIP leads anywhere, or grows."""

import tracemalloc
import zipfile

import pytest

from practice.importing import archives, documents, pieces
from practice.importing.archives import File, unpack
from practice.importing.documents import read_document
from practice.importing.pieces import read_pieces
from practice.importing.sheets import NotReadable
from tests.practice.importing.past import docx, zipped

pytestmark = pytest.mark.once


def read(**files: bytes | str):
    """Read the files of a ZIP."""
    return read_pieces(unpack([("past.zip", zipped(files))]))


def one(name, content):
    [piece] = read_pieces([File(name, content if isinstance(content, bytes) else content.encode())])
    return piece


class TestWhatANameSays:
    @pytest.mark.parametrize(
        ("name", "names", "day"),
        [
            ("Ines Moreau/2024-03-01.txt", ("Ines Moreau",), "2024-03-01"),
            ("notes/Moreau_Ines/20240301 second.txt", ("second", "Moreau Ines", "notes"), "2024-03-01"),
            ("2024.03.01 Ines Moreau.md", ("Ines Moreau",), "2024-03-01"),
            ("Ines Moreau/2024-03-01/note.txt", ("note", "Ines Moreau"), "2024-03-01"),
            ("Ines.txt", ("Ines",), ""),
            ("Ines 2024-13-01.txt", ("Ines",), ""),
            ("Ines 12024-03-017.txt", ("Ines 12024-03-017",), ""),
            ("Ines 2999-03-01.txt", ("Ines",), ""),
            ("../../etc/2024-03-01 Ines.txt", ("Ines", "etc"), "2024-03-01"),
        ],
    )
    def test_is_who_and_when(self, name, names, day):
        piece = one(name, "She slept.")
        assert (piece.names, piece.day, piece.text) == (names, day, "She slept.")

    @pytest.mark.parametrize(
        "first", ["2024-03-01", "# 1 March 2024", "Date: March 1, 2024", "**Session: 2024-03-01**"]
    )
    def test_may_be_said_by_a_heading(self, first):
        assert one("Ines.txt", f"{first}\nShe slept.").day == "2024-03-01"

    def test_goes_before_a_heading_that_says_another(self):
        piece = one("Ines 2024-03-01.txt", "2024-03-04\nShe slept.")
        assert (piece.day, piece.remark) == ("2024-03-01", "Its heading has another date: 2024-03-04.")

    @pytest.mark.parametrize("name", ["Process notes/Ines 2024-03-01.txt", "Ines psychotherapy note 2024-03-01.txt"])
    def test_keeps_process_notes_out(self, name):
        assert "Process notes are your own" in one(name, "She slept.").problem


class TestTexts:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_are_read_as_programs_save_them(self, encoding):
        assert one("I.txt", "Zoë said – “yes”.".encode(encoding)).text == "Zoë said – “yes”."

    @pytest.mark.parametrize(
        ("name", "raw", "words"),
        [
            ("a.txt", b"PK\x03\x04\x00\x00", "not a text file"),
            ("a.txt", b" \n\n", "no text in it"),
            ("a.txt", b"", "no text in it"),
            ("a.txt", b"x" * 300_001, "longer than a note can be"),
            ("a.pdf", b"%PDF", "Only text, DOCX and CSV"),
            ("a.zip", b"x", "Only text, DOCX and CSV"),
            ("a.docx", b"no", "damaged, or no DOCX"),
            ("a.csv", b"just words\n", "first row has to say"),
        ],
    )
    def test_say_what_is_wrong(self, name, raw, words):
        assert words in one(name, raw).problem


class TestDocuments:
    def test_are_their_paragraphs(self):
        extra = (
            "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>kept</w:t><w:tab/></w:r>"
            "<w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
        )
        assert read_document(docx("She slept.", "Ängste & mehr", extra=extra)) == (
            "She slept.\nÄngste & mehr\nkept\tnew\n",
            "",
        )

    def test_tell_of_what_is_no_text(self):
        assert read_document(docx("A", extra="<w:drawing/><w:drawing/><w:footnoteReference/>"))[1] == (
            "Not taken over: footnotes (1), pictures (2)."
        )

    def test_open_no_entities(self):
        bomb = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        with pytest.raises(NotReadable, match="damaged"):
            read_document(docx("A", head=bomb, extra="<w:p><w:r><w:t>&a;</w:t></w:r></w:p>"))

    def test_have_no_type_of_their_own(self):
        with pytest.raises(NotReadable, match="damaged"):
            read_document(docx("A", head='<!DOCTYPE w SYSTEM "https://elsewhere.example/w.dtd">'))

    def test_do_not_grow(self, monkeypatch):
        monkeypatch.setattr(documents, "LARGEST_BODY", 1_000)
        with pytest.raises(NotReadable, match="too large"):
            read_document(docx("A" * 1_000))


class TestLists:
    def test_have_a_row_for_each(self):
        rows = "Date,Client,Note,Author,Mood\n2024-03-01,Ines,She slept.,Dr. A,good\n31.02.2024,Ines,B,,\n,Ines,C,,\n"
        columns, first, second, third = read_pieces([File("old.csv", rows.encode())])
        assert "No place here for: Mood" in columns.problem
        assert (first.where, first.names, first.day) == ("old.csv, row 2", ("Ines",), "2024-03-01")
        assert (first.text, first.written_by) == ("She slept.", "Dr. A")
        assert "Please write this day" in second.problem
        assert (third.problem, third.day) == ("", "")

    def test_may_be_about_one_client(self):
        [piece] = read_pieces([File("Ines Moreau.csv", b"Date,Note\n2024-03-01,She slept.\n")])
        assert piece.names == ("Ines Moreau",)

    def test_keep_process_notes_out(self):
        [piece] = read_pieces([File("I.csv", b"Date,Note,Kind\n2024-03-01,A,Process note\n")])
        assert "Process notes are your own" in piece.problem


class TestZips:
    def test_are_their_files_without_the_systems(self):
        files = {"Ines/2024-03-01.txt": "A", "__MACOSX/Ines/._2024.txt": "x", "Ines/.DS_Store": "x", "~$I.docx": "x"}
        assert [piece.where for piece in read_pieces(unpack([("p.zip", zipped(files))]))] == ["Ines/2024-03-01.txt"]

    def test_of_names_without_their_flag_are_read_as_utf8(self):
        raw = zipped({"Zoë/2024-03-01.txt": "A"})
        raw = b"".join(_without_flag(part) for part in _parts(raw))
        [piece] = read_pieces(unpack([("p.zip", raw)]))
        assert piece.names == ("Zoë",)

    def test_locked_stay_out(self):
        raw = bytearray(zipped({"Ines 2024-03-01.txt": "A"}))
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            raw[raw.index(mark) + place] |= 1
        [piece] = read_pieces(unpack([("p.zip", bytes(raw))]))
        assert "locked with a password" in piece.problem

    def test_packed_otherwise_or_damaged_stay_out(self):
        raw = zipped({"a.txt": "A"}, zipfile.ZIP_BZIP2)
        [piece] = read_pieces(unpack([("p.zip", raw)]))
        assert "packed in a way" in piece.problem
        damaged = zipped({"a.txt": "She slept."}, zipfile.ZIP_STORED).replace(b"slept", b"wept!", 1)
        [piece] = read_pieces(unpack([("p.zip", damaged)]))
        assert "damaged in the ZIP" in piece.problem

    def test_grow_no_further_than_a_note(self):
        raw = zipped({f"{number}.txt": b"\0" * 50_000_000 for number in range(2)})
        assert len(raw) < 200_000
        tracemalloc.start()
        found = read_pieces(unpack([("p.zip", raw)]))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert [piece.problem for piece in found] == ["It is too large to be a note."] * 2
        assert most < 20_000_000

    def test_grow_no_further_together(self, monkeypatch):
        monkeypatch.setattr(archives, "LARGEST_WHOLE", 1_000)
        with pytest.raises(NotReadable, match="unpacks to more"):
            read(a="x" * 600, b="x" * 600)

    def test_with_too_many_files_are_not_opened(self, monkeypatch):
        raw = zipped({f"{number}.txt": "A" for number in range(4)})
        monkeypatch.setattr(archives, "MOST_FILES", 3)
        monkeypatch.setattr(archives.zipfile, "ZipFile", None)
        with pytest.raises(NotReadable, match="more than"):
            list(unpack([("p.zip", raw)]))

    @pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\xff" * 18])
    def test_that_are_none_are_told_as_such(self, raw):
        with pytest.raises(NotReadable, match="damaged"):
            list(unpack([("p.zip", raw)]))

    def test_take_so_many_notes(self, monkeypatch):
        monkeypatch.setattr(pieces, "MOST_NOTES", 1)
        with pytest.raises(NotReadable, match="2 notes in this"):
            read(a="A", b="B")
        with pytest.raises(NotReadable, match="no file"):
            read()


def _parts(raw):
    place = raw.index(b"PK\x01\x02")
    return raw[:place], raw[place:]


def _without_flag(part):
    """Take the flag away that says UTF-8 from a header, as macOS leaves it out."""
    flags = 7 if part.startswith(b"PK\x03") else 9
    return part[:flags] + bytes([part[flags] & ~0x8]) + part[flags + 1 :]
