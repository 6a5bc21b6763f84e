"""What files hold of past notes: each with what its name, its folders or its columns say about day and client."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from django import forms

from access.cleaning import clean_text
from practice.importing.archives import LARGEST_FILE, File, Room, TooMuch
from practice.importing.documents import read_document
from practice.importing.forms import PastDayField
from practice.importing.sheets import NotReadable, decode, read_sheet

# As many as a year of full weeks; they are sealed in one transaction, in which nobody else can save.
MOST_NOTES = 1_000
# In characters, with their names: five times what so many notes have, whatever they unpack from.
MOST_TEXT = 16_000_000
# In bytes of UTF-8: a book chapter.
LONGEST_NOTE = 300_000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "client": ("client", "name", "client name", "full name", "code", "client code"),
    "day": ("date", "day", "session date", "date of session", "session"),
    "text": ("note", "text", "notes", "content", "progress note"),
    "written_by": ("written by", "author", "therapist", "clinician", "provider"),
    "kind": ("kind", "type", "note type"),
}
_DAY = re.compile(r"(?<!\d)(\d{4})([-_. ]?)(\d{2})\2(\d{2})(?!\d)")
_HEADING = re.compile(r"^[#*\s]*(?:date|session)?\s*:?\s*(.+?)[*\s]*$", re.IGNORECASE)
_OWN = re.compile(r"process|psychotherapy", re.IGNORECASE)
_KINDS = "Only text, DOCX and CSV files are read."
_OWN_STAY = (
    "“{0}” stands in its name. Process notes are your own and no part of the record, where this would bring them; "
    "write them in yourself."
)
_TOO_LONG = (
    f"It is longer than a note can be: {LONGEST_NOTE // 1000} kB of text. If it is a row of a list, perhaps a "
    "quotation mark is missing."
)


@dataclass(frozen=True, repr=False)
class Piece:
    """One note, or why a file or row is none. It travels with the preview as JSON.

    :param where: the file, and in a list the row
    :param names: what may name the client, the closest first
    :param day: ISO 8601; empty where nothing says
    :param remark: what of it is not taken over
    """

    where: str
    names: tuple[str, ...] = ()
    day: str = ""
    text: str = ""
    written_by: str = ""
    remark: str = ""
    problem: str = ""


def read_pieces(files: Iterable[File], room: Room) -> list[Piece]:
    """Read what is in files. Nothing is guessed of what they do not say, and nothing is read past a bound.

    :param room: the one in which the files are unpacked
    :raises NotReadable: there is nothing in them
    :raises TooMuch: there is more than is taken at a time
    """
    pieces: list[Piece] = []
    length = 0
    for piece in (piece for file in files for piece in _read(file, room)):
        pieces.append(piece)
        length += len(piece.where) + len(piece.text) + len(piece.problem)
        if len(pieces) > MOST_NOTES:
            raise TooMuch(f"There are more than {MOST_NOTES:,} notes in this. Please bring them in parts.")
        if length > MOST_TEXT:
            raise TooMuch("There is more text in this than is taken at a time. Please bring it in parts.")
    if not pieces:
        raise NotReadable("There is no file in this.")
    return pieces


def _read(file: File, room: Room) -> Iterator[Piece]:
    if file.problem:
        yield Piece(file.path, problem=file.problem)
        return
    try:
        yield from _KIND_OF[file.suffix](file, room) if file.suffix in _KIND_OF else [Piece(file.path, problem=_KINDS)]
    except TooMuch:
        raise
    except NotReadable as error:
        yield Piece(file.path, problem=str(error))


def _text(file: File, _room: Room) -> Iterator[Piece]:
    try:
        text = decode(file.raw)
    except NotReadable:
        raise NotReadable("This is not a text file, whatever its name says.") from None
    yield _whole(file.path, text, "")


def _document(file: File, room: Room) -> Iterator[Piece]:
    yield _whole(file.path, *read_document(file.raw, room))


def _list(file: File, _room: Room) -> Iterator[Piece]:
    sheet = read_sheet(decode(file.raw), COLUMNS, at_most=MOST_NOTES, longest=LARGEST_FILE)
    if sheet.unknown:
        yield Piece(
            file.path, problem=f"No place here for: {', '.join(sheet.unknown)}. The rows are read all the same."
        )
    names, _ = _hints(file.path)
    for number, cells in sheet.rows:
        yield _row(f"{file.path}, row {number}", cells, names)


def _row(where: str, cells: Mapping[str, str], names: tuple[str, ...]) -> Piece:
    kind, client = cells.get("kind", ""), cells.get("client", "")
    day, problem = "", ""
    try:
        day = _iso(PastDayField("Date").clean(cells.get("day", "")))
    except forms.ValidationError as error:
        problem = f"Date: {error.messages[0]}"
    names, written_by = ((client,) if client else names), " ".join(clean_text(cells.get("written_by", "")).split())
    return _checked(Piece(where, names, day, clean_text(cells.get("text", "")), written_by, problem=problem), kind)


def _whole(path: str, text: str, remark: str) -> Piece:
    names, day = _hints(path)
    text = clean_text(text).strip("\n")
    heading = _day_of_heading(text)
    if day and heading and day != heading:
        remark = f"{remark} Its heading has another date: {heading}.".strip()
    return _checked(Piece(path, names, day or heading, text, remark=remark))


def _checked(piece: Piece, kind: str = "") -> Piece:
    problem = piece.problem
    if own := _OWN.search(f"{piece.where} {kind}"):
        problem = _OWN_STAY.format(own[0])
    elif not piece.text.strip():
        problem = "There is no text in it."
    elif len(piece.text.encode()) > LONGEST_NOTE:
        problem = _TOO_LONG
    elif "\0" in piece.text:
        problem = "There are bytes in it that are no text."
    return Piece(piece.where, problem=problem) if problem else piece


def _hints(path: str) -> tuple[tuple[str, ...], str]:
    """Say who may be named by a file's name and folders, the closest first, and which day."""
    place = PurePosixPath(path)
    parts = [place.stem, *reversed(place.parent.parts)]
    days = [day for part in parts for found in _DAY.finditer(part) if (day := _valid(found))]
    names = (" ".join(_DAY.sub(" ", part).replace("_", " ").strip(" -–.,").split()) for part in parts)
    return tuple(name for name in names if any(sign.isalnum() for sign in name)), days[0] if days else ""


def _valid(found: re.Match[str]) -> str:
    year, _, month, day = found.groups()
    return _day_or_none(f"{year}-{month}-{day}")


def _day_of_heading(text: str) -> str:
    first = text.partition("\n")[0][:60]
    found = _HEADING.match(first)
    return _day_or_none(found[1]) if found else ""


def _day_or_none(written: str) -> str:
    try:
        return _iso(PastDayField("Date").clean(written))
    except forms.ValidationError:
        return ""


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


_KIND_OF = {".txt": _text, ".md": _text, ".text": _text, ".docx": _document, ".csv": _list, ".tsv": _list}
