"""From a text with open variables to the bytes that clients sign: rendered once, when it is published."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from access.fields import HIDDEN
from consent.document import PLACEHOLDER, Document, Question, Section, TextRefused
from consent.kinds import SectionKind
from consent.limits import Limit
from consent.markup import MarkupRefused, to_html


@dataclass(frozen=True)
class Screen:
    """One limit as it is shown, one to a page; the HTML is complete and safe."""

    code: Limit
    number: int
    kind: SectionKind
    ground: bool
    title: str
    html: str
    for_you_html: str


@dataclass(frozen=True)
class Publication:
    """What one version of a text consists of.

    `text` is Markdown in NFC with line feeds; `sha256`, 64 hex digits, is over its UTF-8 bytes. Titles and
    questions are plain text, to be escaped like any other.
    """

    title: str
    text: str
    sha256: str
    intro_html: str
    screens: tuple[Screen, ...]
    questions: dict[Limit, Question]
    for_you_label: str
    meaning: str
    still_to_discuss: str


def render(document: Document, variables: Mapping[str, str]) -> Publication:
    """Fill in the variables and fix the text.

    :param variables: one value for each variable of the header, no more and no less
    :raises TextRefused: a value is missing, empty, unknown, or more than plain words
    """
    fill = _Filler(document, variables)
    screens = tuple(_screen(number, section, fill) for number, section in enumerate(document.sections, start=1))
    text = "\n\n".join([f"# {document.title}", *filter(None, [document.intro]), *_blocks(document)]) + "\n"
    text = unicodedata.normalize("NFC", fill(text))
    return Publication(
        title=document.title,
        text=text,
        sha256=hash_text(text),
        intro_html=_html(fill(document.intro), document.title),
        screens=screens,
        questions={section.code: _question(section.question, fill) for section in document.sections},
        for_you_label=document.for_you_label,
        meaning=document.meaning,
        still_to_discuss=document.still_to_discuss,
    )


def hash_text(text: str) -> str:
    """Return the SHA-256 of a published text, in hex: what the signed record names it by."""
    return hashlib.sha256(text.encode()).hexdigest()


def shows_what_is_hashed(publication: Publication) -> bool:
    """Say whether hash and screens are those of the text, so that what a client reads is what they sign."""
    if hash_text(publication.text) != publication.sha256:
        return False
    try:
        written = _screens_of_text(publication)
    except MarkupRefused:
        return False
    shown = [(f"{screen.number}. {screen.title}", screen.html, screen.for_you_html) for screen in publication.screens]
    return written == [(f"# {publication.title}", publication.intro_html, ""), *shown]


def _screens_of_text(publication: Publication) -> list[tuple[str, str, str]]:
    opening, *blocks = publication.text.removesuffix("\n").split("\n\n## ")
    title, _, intro = opening.partition("\n\n")
    written = [(title, to_html(intro), "")]
    for block in blocks:
        heading, _, rest = block.partition("\n\n")
        body, _, for_you = rest.rpartition(f"\n\n**{publication.for_you_label}** ")
        written.append((heading, to_html(body), to_html(for_you)))
    return written


class _Filler:
    """Puts values in the place of {{names}}; made only if the values are exactly those that are needed."""

    def __init__(self, document: Document, variables: Mapping[str, str]) -> None:
        if missing := sorted(document.variables - variables.keys()):
            raise TextRefused(f"The variable “{missing[0]}” has no value.")
        if unknown := sorted(variables.keys() - document.variables):
            raise TextRefused(f"The text has no variable “{unknown[0]}”.")
        self._values = {name: _plain_value(name, value) for name, value in variables.items()}

    def __call__(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._values[found[1]], text)


def _plain_value(name: str, value: str) -> str:
    value = unicodedata.normalize("NFC", value).strip()
    if not value:
        raise TextRefused(f"The variable “{name}” is empty.")
    if HIDDEN.search(value) or "{{" in value:
        raise TextRefused(f"The variable “{name}” is not one line of plain words.")
    _html(value, name)
    return value


def _blocks(document: Document) -> list[str]:
    return [
        f"## {number}. {section.title}\n\n{section.body}\n\n**{document.for_you_label}** {section.for_you}"
        for number, section in enumerate(document.sections, start=1)
    ]


def _screen(number: int, section: Section, fill: _Filler) -> Screen:
    return Screen(
        code=section.code,
        number=number,
        kind=section.kind,
        ground=section.ground,
        title=section.title,
        html=_html(fill(section.body), section.title),
        for_you_html=_html(fill(section.for_you), section.title),
    )


def _question(question: Question, fill: _Filler) -> Question:
    return Question(
        text=fill(question.text),
        right=fill(question.right),
        wrong=tuple(fill(answer) for answer in question.wrong),
        explanation=fill(question.explanation),
    )


def _html(markdown: str, place: str) -> str:
    try:
        return to_html(markdown)
    except MarkupRefused as refused:
        raise TextRefused(f"In “{place}”: {refused}") from None
