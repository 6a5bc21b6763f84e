"""What changed between two texts, sentence by sentence, as somebody reads it who never saw a diff."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

_SENTENCE_END = re.compile(r"(?<=[.?!:])\s+")


class Mark(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """Some sentences that share their fate."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Part:
    """One part of the newer text under its heading: paragraphs of pieces, in reading order."""

    heading: str
    paragraphs: tuple[tuple[Piece, ...], ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.mark is not Mark.SAME for paragraph in self.paragraphs for piece in paragraph)


def compare(older: str, newer: str) -> tuple[Part, ...]:
    """Show the whole newer text with what came and what went since the older one.

    :param older, newer: published texts: Markdown of headings, paragraphs and **strong** words
    """
    before, now = _parts(older), _parts(newer)
    headings = [*now, *(heading for heading in before if heading not in now)]
    return tuple(
        Part(heading, tuple(_paragraphs(before.get(heading, []), now.get(heading, [])))) for heading in headings
    )


def _parts(text: str) -> dict[str, list[str]]:
    """Cut a text at its headings; its title is the first of them."""
    blocks = [block.split("\n\n") for block in re.split(r"(?m)^#+ ", text.strip()) if block]
    return {heading: [" ".join(part.replace("**", "").split()) for part in rest if part] for heading, *rest in blocks}


def _paragraphs(older: list[str], newer: list[str]) -> Iterator[tuple[Piece, ...]]:
    for before, now in zip_longest(older, newer, fillvalue=""):
        yield tuple(_pieces(_SENTENCE_END.split(before), _SENTENCE_END.split(now)))


def _pieces(older: list[str], newer: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, older, newer, autojunk=False)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            yield Piece(Mark.SAME, " ".join(newer[new_from:new_to]))
            continue
        for mark, words in ((Mark.GONE, older[old_from:old_to]), (Mark.NEW, newer[new_from:new_to])):
            if text := " ".join(words):
                yield Piece(mark, text)
