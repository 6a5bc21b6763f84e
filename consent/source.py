"""Read a consent text as people write it: a header, a title, and the limits with their questions.

::

    ---
    kind: confidentiality_consent
    version: 1.0.0
    lang: en-US
    variables: emergency_number
    for-you: What this means for you:
    meaning: I have read this.
    still-to-discuss: We will still talk about:
    ---
    # Title
    ## If someone may be badly hurt
    {#serious_harm kind=ack ground=yes}
    The text, in plain paragraphs. In an emergency call {{emergency_number}}.
    > for-you: One line.
    ? The question
    + The right answer
    - A wrong answer (one or more)
    = One sentence that answers it, shown after a wrong answer
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple, TypeVar

from access.fields import HIDDEN
from consent.document import PLACEHOLDER, VARIABLES, Document, Question, Section, TextRefused
from consent.kinds import DocumentKind, SectionKind
from consent.limits import Limit
from consent.markup import MarkupRefused, to_html

_HEADER_KEYS = frozenset({"kind", "version", "lang", "note", "variables", "for-you", "meaning", "still-to-discuss"})
_NEEDED_KEYS = ("kind", "version", "lang", "meaning")
_FLAGS = re.compile(r"\{#(?P<code>\S+)(?P<flags>( \w+=\w+)*)\}")
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_MARKUP = re.compile(r"[*_<>`\[\]\\{}&#]")
_FOR_YOU = "> for-you: "
_MARKS = {
    _FOR_YOU: "a line that says what it means (“> for-you: …”)",
    "? ": "a question (“? …”)",
    "+ ": "a right answer (“+ …”)",
    "- ": "a wrong answer (“- …”)",
    "= ": "a sentence that answers the question (“= …”)",
}
_Word = TypeVar("_Word", bound=StrEnum)


class _Line(NamedTuple):
    number: int
    text: str


_Lines = Sequence[_Line]


def parse(source: str) -> Document:
    """Read a text in the format above.

    :param source: the file's content, any line ends, any Unicode form
    :raises TextRefused: with the line and the reason
    """
    lines = [_Line(*pair) for pair in enumerate(unicodedata.normalize("NFC", source).splitlines(), start=1)]
    _check_characters(lines)
    header, body = _split_header(lines)
    opening, *chunks = _split_at(body, "## ")
    title, intro = _read_opening(opening)
    document = Document(
        kind=_word(DocumentKind, header["kind"], "kind"),
        version=_matching(_SEMVER, header["version"], "a version, such as 1.0.0,"),
        lang=_matching(_LANGUAGE, header["lang"], "a language, such as en-US,"),
        note=header["note"].text,
        variables=frozenset(filter(None, header["variables"].text.replace(" ", "").split(","))),
        for_you_label=header["for-you"].text,
        meaning=header["meaning"].text,
        still_to_discuss=header["still-to-discuss"].text,
        title=title,
        intro=intro,
        sections=tuple(_read_section(chunk) for chunk in chunks),
    )
    _check_variables(document.variables, header["variables"], body)
    _check_sections(document)
    return document


def _check_characters(lines: _Lines) -> None:
    for number, text in lines:
        if hidden := HIDDEN.search(text):
            raise TextRefused(f"there is a character that nobody sees (U+{ord(hidden[0]):04X}).", line=number)
        if "{{" in (rest := PLACEHOLDER.sub("", text)) or "}}" in rest:
            raise TextRefused("a variable is written {{name}}, on one line.", line=number)


def _split_header(lines: _Lines) -> tuple[dict[str, _Line], _Lines]:
    if not lines or lines[0].text != "---":
        raise TextRefused("the file starts with a header between two lines of “---”.", line=1)
    inside = list(takewhile(lambda line: line.text != "---", lines[1:]))
    end = len(inside) + 2
    if end > len(lines):
        raise TextRefused("the header has no end: a second line of “---” is missing.", line=1)
    header = {key: _Line(1, "") for key in _HEADER_KEYS}
    seen: set[str] = set()
    for number, text in inside:
        key, _, value = text.partition(":")
        if key not in _HEADER_KEYS or key in seen:
            raise TextRefused(f"“{key}” is no line of the header, or is there twice.", line=number)
        seen.add(key)
        header[key] = _Line(number, value.strip())
    for key in _NEEDED_KEYS:
        if not header[key].text:
            raise TextRefused(f"the header lacks “{key}: …”.", line=header[key].number)
    return header, lines[end:]


def _split_at(lines: _Lines, mark: str) -> list[list[_Line]]:
    chunks: list[list[_Line]] = [[]]
    for line in lines:
        if line.text.startswith(mark):
            chunks.append([])
        chunks[-1].append(line)
    return chunks


def _read_opening(lines: _Lines) -> tuple[str, str]:
    title, *rest = _without_blank_start(lines) or [_Line(lines[0].number if lines else 1, "")]
    if not title.text.startswith("# "):
        raise TextRefused("the text starts with its title (“# …”).", line=title.number)
    return _title(title), _markdown(rest)


def _read_section(lines: _Lines) -> Section:
    heading = lines[0]
    code, kind, ground, rest = _read_flags(heading, _without_blank_start(lines[1:]))
    body = list(takewhile(lambda line: not line.text.startswith((_FOR_YOU, "? ")), rest))
    marks = _read_marks(rest[len(body) :])
    only = _only(marks, heading.number, code)
    section = Section(
        code=code,
        kind=kind,
        ground=ground,
        title=_title(heading),
        body=_markdown(body),
        for_you=only(_FOR_YOU),
        question=Question(only("? "), only("+ "), _wrong_answers(marks, heading.number, code), only("= ")),
        line=heading.number,
    )
    if not section.body:
        raise TextRefused(f"the limit “{code}” has no text.", line=heading.number)
    return section


def _read_flags(heading: _Line, rest: _Lines) -> tuple[Limit, SectionKind, bool, _Lines]:
    found = _FLAGS.fullmatch(rest[0].text.strip()) if rest else None
    if not found:
        raise TextRefused("under a heading stands “{#code kind=ack ground=no}”.", line=heading.number)
    line = rest[0].number
    flags = dict(flag.split("=") for flag in found["flags"].split())
    if flags.get("ground") not in {"yes", "no"}:
        raise TextRefused(f"“{found['code']}” says neither ground=yes nor ground=no.", line=line)
    if flags.keys() != {"kind", "ground"}:
        raise TextRefused(f"“{found['code']}” needs kind=… and ground=…, nothing else.", line=line)
    code = _word(Limit, _Line(line, found["code"]), "code of a limit")
    return code, _word(SectionKind, _Line(line, flags["kind"]), "kind of a limit"), flags["ground"] == "yes", rest[1:]


def _read_marks(lines: _Lines) -> dict[str, list[str]]:
    marks: dict[str, list[str]] = {mark: [] for mark in _MARKS}
    for number, text in lines:
        mark = next((mark for mark in _MARKS if text.startswith(mark)), None)
        if mark is not None:
            marks[mark].append(text.removeprefix(mark).strip())
        elif text.strip():
            raise TextRefused("after “> for-you:” come only lines that start with ?, +, - or =.", line=number)
    return marks


def _only(marks: dict[str, list[str]], line: int, code: str) -> Callable[[str], str]:
    def pick(mark: str) -> str:
        if len(marks[mark]) != 1 or not marks[mark][0]:
            raise TextRefused(f"the limit “{code}” needs exactly one of: {_MARKS[mark]}.", line=line)
        return marks[mark][0]

    return pick


def _wrong_answers(marks: dict[str, list[str]], line: int, code: str) -> tuple[str, ...]:
    wrong = marks["- "]
    if not wrong or len({*wrong, *marks["+ "]}) != len(wrong) + 1:
        raise TextRefused(f"the limit “{code}” needs {_MARKS['- ']}, each different from the others.", line=line)
    return tuple(wrong)


def _check_variables(declared: frozenset[str], header: _Line, body: _Lines) -> None:
    if unknown := sorted(declared - VARIABLES):
        raise TextRefused(f"“{unknown[0]}” is not one of the known variables.", line=header.number)
    used: set[str] = set()
    for number, text in body:
        for name in PLACEHOLDER.findall(text):
            if name not in declared:
                raise TextRefused(f"“{name}” is not among the variables of the header.", line=number)
            used.add(name)
    if unused := sorted(declared - used):
        raise TextRefused(f"the text never uses the variable “{unused[0]}”.", line=header.number)


def _check_sections(document: Document) -> None:
    codes: set[Limit] = set()
    for section in document.sections:
        if section.code in codes:
            raise TextRefused(f"the code “{section.code}” is there twice.", line=section.line)
        codes.add(section.code)
    asks = document.kind is DocumentKind.CONFIDENTIALITY
    if asks != bool(codes):
        raise TextRefused("limits stand in the confidentiality text, and only there; it has at least one.")
    if asks and not (document.for_you_label and document.still_to_discuss):
        raise TextRefused("the header of a text with limits has “for-you: …” and “still-to-discuss: …”.", line=1)


def _title(line: _Line) -> str:
    title = line.text.lstrip("#").strip()
    if not title or _MARKUP.search(title):
        raise TextRefused("a title is plain words, without variables.", line=line.number)
    return title


def _markdown(lines: _Lines) -> str:
    lines = _without_blank_start(lines)
    text = "\n".join(line.text.rstrip() for line in lines).strip()
    try:
        to_html(text)
    except MarkupRefused as refused:
        raise TextRefused(str(refused), line=lines[refused.line].number) from None
    return text


def _without_blank_start(lines: _Lines) -> _Lines:
    blank = sum(1 for _ in takewhile(lambda line: not line.text.strip(), lines))
    return lines[blank:]


def _word(words: type[_Word], line: _Line, what: str) -> _Word:
    try:
        return words(line.text)
    except ValueError:
        known = ", ".join(words)
        raise TextRefused(f"“{line.text}” is no {what}; known are {known}.", line=line.number) from None


def _matching(pattern: re.Pattern[str], line: _Line, what: str) -> str:
    if not pattern.fullmatch(line.text):
        raise TextRefused(f"{what} is needed, not “{line.text}”.", line=line.number)
    return line.text
