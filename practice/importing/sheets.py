"""A list as office programs save it: whatever its letters, its separator and its headings, rows by column come out."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

# UTF-16 needs its mark; bytes that are no UTF-8 are what Windows programs save where nobody chose.
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENCODINGS = ("utf-8-sig", "cp1252")
_SEPARATORS = ",;\t"
# The line with which spreadsheets are told the separator; it is no row.
_HINT = "sep="

# A longer cell is rather a quotation mark that is missing.
_LONGEST = 131_072
# The library's limit holds for the whole process, and no list passes it with one cell alone. It lies above every file
# that comes here, so that each list has the limit that it is read with.
csv.field_size_limit(16 * 1024 * 1024)

Columns = Mapping[str, Sequence[str]]


class NotReadable(ValueError):
    """A file is no list; the message says why in plain words."""


@dataclass(frozen=True)
class Sheet:
    """Rows by column.

    :param rows: the number of each row, the first under the headings being 2, and its cells by column
    :param unknown: headings that name no column
    """

    rows: list[tuple[int, dict[str, str]]]
    unknown: list[str]


def decode(raw: bytes) -> str:
    """Turn the bytes of a file into text.

    :raises NotReadable: they are no text
    """
    for encoding in (_MARKS[raw[:2]],) if raw[:2] in _MARKS else _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotReadable("This is not a text file. In your spreadsheet, save the list as CSV, and choose that file.")


def read_sheet(text: str, columns: Columns, *, at_most: int, longest: int = _LONGEST) -> Sheet:
    """Part a text into rows.

    :param columns: by column, the headings that may stand over it, in small letters
    :param at_most: how many rows are taken; of more, none is read
    :param longest: how many characters a cell may have
    :raises NotReadable: no headings, no rows, too many of them, or quotes that never close
    """
    rows = list(islice(_rows(text, _separator(text, columns)), at_most + 2))
    if any(len(cell) > longest for _, cells in rows for cell in cells):
        raise NotReadable("A cell of this list is too long to be one. Perhaps a quotation mark is missing.")
    _, headings = rows[0] if rows else (0, [])
    known = _known(headings, columns)
    if not known:
        names = ", ".join(f"“{names[0].capitalize()}”" for names in columns.values())
        raise NotReadable(f"The first row has to say what is in each column. It may have: {names}.")
    count = len(rows) - 1
    if not 1 <= count <= at_most:
        found = f"more than {at_most}" if count else "no"
        raise NotReadable(f"This list has {found} rows. It takes one at least, and {at_most} at most at a time.")
    unknown = [heading for place, heading in enumerate(headings) if heading.strip() and place not in known.values()]
    return Sheet([(number, _cells(cells, known)) for number, cells in rows[1:]], unknown)


def _separator(text: str, columns: Columns) -> str:
    def fits(separator: str) -> int:
        first = next(_rows(text, separator), (0, list[str]()))
        return len(_known(first[1], columns))

    return max(_SEPARATORS, key=fits)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Count every row as a spreadsheet does, and leave empty ones out."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    for number, cells in enumerate(lines, start=0 if text.lower().startswith(_HINT) else 1):
        if number and any(cell.strip() for cell in cells):
            yield number, cells


def _known(headings: Sequence[str], columns: Columns) -> dict[str, int]:
    """Say where each column stands; of two with the same meaning, the first."""
    plain = [" ".join(heading.replace("-", " ").replace("_", " ").lower().split()) for heading in headings]
    return {
        name: min(places)
        for name, names in columns.items()
        if (places := [place for place, heading in enumerate(plain) if heading in names])
    }


def _cells(cells: Sequence[str], known: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place].strip() if place < len(cells) else "" for name, place in known.items()}
