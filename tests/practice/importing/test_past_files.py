"""Files come out as notes, or with what is wrong with them; nothing of a ZIP leads anywhere, or grows."""

import io
import tracemalloc
import zipfile

import pytest

from practice.importing import archives, documents, pieces
from practice.importing.archives import File, Room, TooMuch, unpack
from practice.importing.documents import read_document
from practice.importing.pieces import read_pieces
from practice.importing.sheets import NotReadable
from tests.practice.importing.past import docx, zipped

pytestmark = pytest.mark.once


def opened(chosen):
    room = Room()
    return read_pieces(unpack(chosen, room), room)


def words_of(raw):
    return read_document(raw, Room())


def read(**files: bytes | str):
    """Read the files of a ZIP."""
    return opened([("past.zip", zipped(files))])


def one(name, content):
    [piece] = read_pieces([File(name, content if isinstance(content, bytes) else content.encode())], Room())
    return piece


def _far(_):
    """Write a ZIP of which a file begins further on than any memory is large."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<d/>")
        archive.filelist[0].header_offset = 2**64 - 1
    return held.getvalue()


def _declared(words, method=zipfile.ZIP_DEFLATED):
    return lambda _: zipped({"word/document.xml": words}, method)


ODD = {
    "letters that nobody knows": _declared(b'<?xml version="1.0" encoding="foo"?><d>\xff</d>'),
    "letters of several bytes": _declared(b'<?xml version="1.0" encoding="gb2312"?><d>\xc4\xe3</d>'),
    "no XML": _declared("She slept."),
    "LZMA": _declared("<d/>", zipfile.ZIP_LZMA),
    "BZIP2": lambda _: zipped({"word/document.xml": "<d/>" * 99}, zipfile.ZIP_BZIP2).replace(b"BZh", b"BZx"),
    "far away": _far,
    "cut off": lambda raw: raw[: len(raw) // 2],
    "another file": lambda _: zipped({"a.xml": "<d/>"}),
    "too many files": lambda _: zipped({str(number): "" for number in range(2_001)}, zipfile.ZIP_STORED),
}


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
        assert words_of(docx("She slept.", "Ängste & mehr", extra=extra)) == (
            "She slept.\nÄngste & mehr\nkept\tnew\n",
            "",
        )

    def test_tell_of_what_is_no_text(self):
        assert words_of(docx("A", extra="<w:drawing/><w:drawing/><w:footnoteReference/>"))[1] == (
            "Not taken over: footnotes (1), pictures (2)."
        )

    def test_open_no_entities(self):
        bomb = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        with pytest.raises(NotReadable, match="damaged"):
            words_of(docx("A", head=bomb, extra="<w:p><w:r><w:t>&a;</w:t></w:r></w:p>"))

    def test_have_no_type_of_their_own(self):
        with pytest.raises(NotReadable, match="damaged"):
            words_of(docx("A", head='<!DOCTYPE w SYSTEM "https://elsewhere.example/w.dtd">'))

    def test_do_not_grow(self, monkeypatch):
        monkeypatch.setattr(documents, "LARGEST_BODY", 1_000)
        with pytest.raises(NotReadable, match="too large"):
            words_of(docx("A" * 1_000))

    def test_are_counted_with_all_that_they_hold(self, monkeypatch):
        monkeypatch.setattr(archives, "MOST_ELEMENTS", 20)
        with pytest.raises(TooMuch, match="more in these DOCX files"):
            read(**{f"{number}.docx": docx("A", "B") for number in range(3)})
        monkeypatch.undo()
        raw = docx("A" * 1_000)
        monkeypatch.setattr(archives, "LARGEST_WHOLE", len(raw) * 2 + 1_500)
        with pytest.raises(TooMuch, match="unpacks to more"):
            read(**{"a.docx": raw, "b.docx": raw})

    def test_of_elements_alone_are_not_kept(self):
        raw = docx(extra="<w:r/>" * 100_000)
        assert len(raw) < 10_000
        tracemalloc.start()
        words_of(raw)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 5_000_000

    def test_have_no_name_that_is_made_long(self, monkeypatch):
        monkeypatch.setattr(documents, "LONGEST_NAMESPACE", 50)
        with pytest.raises(NotReadable, match="damaged"):
            words_of(docx("A"))

    @pytest.mark.parametrize("change", ODD)
    def test_that_are_odd_keep_nobody_else_out(self, change):
        [odd, good] = read(**{"a.docx": ODD[change](docx("A")), "Ines 2024-03-01.txt": "She slept."})
        assert "damaged" in odd.problem or "packed in a way" in odd.problem
        assert good.text == "She slept."


class TestLists:
    def test_leave_out_a_row_that_is_too_long_and_no_other(self):
        rows = f"Date,Note\n2024-03-01,{'a' * 300_000}\n2024-03-02,{'b' * 300_001}\n2024-03-03,C\n"
        first, second, third = read_pieces([File("I.csv", rows.encode())], Room())
        assert (len(first.text), third.text) == (300_000, "C")
        assert "longer than a note can be" in second.problem

    def test_are_read_no_further_than_notes_are_taken(self):
        rows = b"Note\n" + b"a\n" * 1_000_000
        tracemalloc.start()
        [piece] = read_pieces([File("I.csv", rows)], Room())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert "more than 1000 rows" in piece.problem
        assert most < 30_000_000

    def test_have_a_row_for_each(self):
        rows = "Date,Client,Note,Author,Mood\n2024-03-01,Ines,She slept.,Dr. A,good\n31.02.2024,Ines,B,,\n,Ines,C,,\n"
        columns, first, second, third = read_pieces([File("old.csv", rows.encode())], Room())
        assert "No place here for: Mood" in columns.problem
        assert (first.where, first.names, first.day) == ("old.csv, row 2", ("Ines",), "2024-03-01")
        assert (first.text, first.written_by) == ("She slept.", "Dr. A")
        assert "Please write this day" in second.problem
        assert (third.problem, third.day) == ("", "")

    def test_may_be_about_one_client(self):
        [piece] = read_pieces([File("Ines Moreau.csv", b"Date,Note\n2024-03-01,She slept.\n")], Room())
        assert piece.names == ("Ines Moreau",)

    def test_keep_process_notes_out(self):
        [piece] = read_pieces([File("I.csv", b"Date,Note,Kind\n2024-03-01,A,Process note\n")], Room())
        assert "Process notes are your own" in piece.problem


class TestZips:
    def test_are_their_files_without_the_systems(self):
        files = {"Ines/2024-03-01.txt": "A", "__MACOSX/Ines/._2024.txt": "x", "Ines/.DS_Store": "x", "~$I.docx": "x"}
        assert [piece.where for piece in opened([("p.zip", zipped(files))])] == ["Ines/2024-03-01.txt"]

    def test_of_names_without_their_flag_are_read_as_utf8(self):
        raw = zipped({"Zoë/2024-03-01.txt": "A"})
        raw = b"".join(_without_flag(part) for part in _parts(raw))
        [piece] = opened([("p.zip", raw)])
        assert piece.names == ("Zoë",)

    def test_locked_stay_out(self):
        raw = bytearray(zipped({"Ines 2024-03-01.txt": "A"}))
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            raw[raw.index(mark) + place] |= 1
        [piece] = opened([("p.zip", bytes(raw))])
        assert "locked with a password" in piece.problem

    def test_packed_otherwise_or_damaged_stay_out(self):
        raw = zipped({"a.txt": "A"}, zipfile.ZIP_BZIP2)
        [piece] = opened([("p.zip", raw)])
        assert "packed in a way" in piece.problem
        damaged = zipped({"a.txt": "She slept."}, zipfile.ZIP_STORED).replace(b"slept", b"wept!", 1)
        [piece] = opened([("p.zip", damaged)])
        assert "It is damaged" in piece.problem

    def test_grow_no_further_than_a_note(self):
        raw = zipped({f"{number}.txt": b"\0" * 50_000_000 for number in range(2)})
        assert len(raw) < 200_000
        tracemalloc.start()
        found = opened([("p.zip", raw)])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert [piece.problem for piece in found] == ["It is too large to be a note."] * 2
        assert most < 20_000_000

    def test_grow_no_further_together(self, monkeypatch):
        monkeypatch.setattr(archives, "LARGEST_WHOLE", 1_000)
        with pytest.raises(NotReadable, match="unpacks to more"):
            read(a="x" * 600, b="x" * 600)

    def test_have_one_room_for_all_of_them(self, monkeypatch):
        monkeypatch.setattr(archives, "LARGEST_WHOLE", 1_000)
        with pytest.raises(TooMuch, match="unpacks to more"):
            opened([(f"{number}.zip", zipped({"a.txt": "x" * 600})) for number in range(2)])

    def test_take_room_for_what_is_too_large_to_be_read(self, monkeypatch):
        monkeypatch.setattr(archives, "LARGEST_FILE", 500)
        monkeypatch.setattr(archives, "LARGEST_WHOLE", 900)
        with pytest.raises(TooMuch, match="unpacks to more"):
            read(a="x" * 600, b="x" * 600)

    def test_are_opened_no_further_than_notes_are_taken(self, monkeypatch):
        """Neither of many notes nor of much text is the rest kept, or even read."""
        files = iter([File("1.txt", b"A" * 90), File("2.txt", b"B" * 90), File("3.txt", b"C")])
        monkeypatch.setattr(pieces, "MOST_TEXT", 150)
        with pytest.raises(TooMuch, match="more text"):
            read_pieces(files, Room())
        assert [file.path for file in files] == ["3.txt"]

    def test_with_a_thousand_notes_have_room(self):
        files = {f"Ines/{number}.txt": f"{number} " + "She slept. " * 280 for number in range(1_000)}
        assert len(opened([("p.zip", zipped(files, zipfile.ZIP_STORED))])) == 1_000

    def test_with_too_many_files_are_not_opened(self, monkeypatch):
        raw = zipped({f"{number}.txt": "A" for number in range(4)})
        monkeypatch.setattr(archives, "MOST_FILES", 3)
        monkeypatch.setattr(archives.zipfile, "ZipFile", None)
        with pytest.raises(NotReadable, match="more than"):
            list(unpack([("p.zip", raw)], Room()))

    @pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\xff" * 18])
    def test_that_are_none_are_told_as_such(self, raw):
        with pytest.raises(NotReadable, match="damaged"):
            list(unpack([("p.zip", raw)], Room()))

    def test_take_so_many_notes(self, monkeypatch):
        monkeypatch.setattr(pieces, "MOST_NOTES", 1)
        files = iter([File("1.txt", b"A"), File("2.txt", b"B"), File("3.txt", b"C")])
        with pytest.raises(TooMuch, match="more than 1 notes"):
            read_pieces(files, Room())
        assert [file.path for file in files] == ["3.txt"]
        with pytest.raises(NotReadable, match="no file"):
            read()


def _parts(raw):
    place = raw.index(b"PK\x01\x02")
    return raw[:place], raw[place:]


def _without_flag(part):
    """Take the flag away that says UTF-8 from a header, as macOS leaves it out."""
    flags = 7 if part.startswith(b"PK\x03") else 9
    return part[:flags] + bytes([part[flags] & ~0x8]) + part[flags + 1 :]
