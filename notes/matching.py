"""What somebody searches for, and the passages where it stands. Nothing here knows of notes, keys or pages.

Every word has to stand somewhere in the text, in any order, each from its beginning: ``anx`` finds *anxious*. A phrase
in quotation marks has to stand as it was typed, word for word; spaces and signs between its words do not count. In
scripts that are written without spaces, a word is found anywhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from notes.folding import fold, goes_on, places_of

MAX_WORDS = 10
_BEFORE, _AFTER = 70, 110
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
_SIGNS = ".,;:!?()[]{}…·"
# Thai to Burmese, Khmer, kana, and Han with its later planes.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")

Span = tuple[int, int]


@dataclass(frozen=True, repr=False)
class Piece:
    """Some characters of a passage, and whether they are what was searched for."""

    text: str
    is_hit: bool


@dataclass(frozen=True, repr=False)
class Passage:
    """A part of a text around what was found in it.

    :param label: of the part of the note that it stands in
    :param goes_before, goes_after: the text goes on there
    """

    label: str
    pieces: tuple[Piece, ...]
    goes_before: bool
    goes_after: bool


@dataclass(frozen=True, repr=False)
class Term:
    """One word, or the words of a phrase, folded."""

    words: tuple[str, ...]
    is_phrase: bool

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What this term looks like in a folded text."""
        body = r"\W+".join(map(re.escape, self.words))
        before = r"(?<!\w)" if _is_bounded(self.words[0][0]) else ""
        after = r"(?!\w)" if self.is_phrase and _is_bounded(self.words[-1][-1]) else ""
        return re.compile(before + body + after)


@dataclass(frozen=True, repr=False)
class Query:
    """All terms of a search. Each of them has to be found."""

    terms: tuple[Term, ...]

    @property
    def count(self) -> int:
        """How many words there are, those of phrases too."""
        return sum(len(term.words) for term in self.terms)

    @cached_property
    def needles(self) -> tuple[str, ...]:
        """Letters and digits without which no text can hold all terms, the longest first."""
        runs = {run for term in self.terms for word in term.words for run in re.findall(r"\w+", word)}
        return tuple(sorted(runs, key=lambda run: (-len(run), run)))

    def may_stand_in(self, folded: str) -> bool:
        """Say whether a closer look is worth it: quick, and never wrong when it says no.

        :param folded: a folded text, also one that is written as JSON
        """
        return all(needle in folded for needle in self.needles)

    def find(self, parts: Iterable[tuple[str, str]]) -> tuple[Passage, ...]:
        """Find all terms in the parts of a text.

        :param parts: label and text of each
        :returns: the first place of each term with what stands around it; nothing where a term is missing
        """
        read = [(label, text, fold(text)) for label, text in parts]
        hits = [
            [
                (number, found.span())
                for number, (_, _, folded) in enumerate(read)
                for found in term.pattern.finditer(folded)
            ]
            for term in self.terms
        ]
        if not all(hits):
            return ()
        passages: list[Passage] = []
        for number, (label, text, _) in enumerate(read):
            firsts = [one[0][1] for one in hits if one[0][0] == number]
            if firsts:
                every = [span for one in hits for where, span in one if where == number]
                places = places_of(text)
                passages += _passages(label, text, _in_text(text, places, firsts), _in_text(text, places, every))
        return tuple(passages)


def read_query(typed: str) -> Query:
    """Read what somebody typed; a quotation mark that was left open reaches to the end."""
    terms = []
    for phrase, word in _TERM.findall(fold(typed)):
        words = tuple(filter(None, map(_without_signs, (phrase or word).split())))
        if words:
            terms.append(Term(words, is_phrase=bool(phrase)))
    return Query(tuple(dict.fromkeys(terms)))


def _without_signs(word: str) -> str:
    return word.strip(_SIGNS) or word


def _is_bounded(character: str) -> bool:
    return bool(re.match(r"\w", character)) and not _UNSPACED.match(character)


def _in_text(text: str, places: Sequence[int], spans: Iterable[Span]) -> list[Span]:
    """Lead places of the folded text back to the text, and take in what belongs to the first and last sign."""
    found = []
    for first, end in spans:
        start, stop = places[first], places[end - 1] + 1
        while goes_on(text, start):
            start -= 1
        while goes_on(text, stop):
            stop += 1
        found.append((start, stop))
    return sorted(found)


def _passages(label: str, text: str, firsts: list[Span], every: list[Span]) -> Iterator[Passage]:
    for start, stop in _joined((_begin(text, span[0]), _end(text, span[1])) for span in firsts):
        inside = _joined(span for span in every if start <= span[0] and span[1] <= stop)
        pieces = tuple(_pieces(text, start, stop, inside))
        yield Passage(label, pieces, goes_before=start > 0, goes_after=stop < len(text))


def _pieces(text: str, start: int, stop: int, hits: Sequence[Span]) -> Iterator[Piece]:
    edges = [start, *(edge for span in hits for edge in span), stop]
    for number, (here, there) in enumerate(pairwise(edges)):
        if here < there:
            yield Piece(text[here:there], is_hit=bool(number % 2))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Make one of spans that touch."""
    joined: list[Span] = []
    for start, stop in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _begin(text: str, hit: int) -> int:
    """Say where a passage begins: at a word, some way before what was found."""
    place = max(0, hit - _BEFORE)
    if place == 0:
        return 0
    space = re.compile(r"\s+").search(text, place, hit)
    return space.end() if space else _at_a_sign(text, place)


def _end(text: str, hit: int) -> int:
    place = min(len(text), hit + _AFTER)
    if place == len(text):
        return place
    spaces = [space.start() for space in re.compile(r"\s+").finditer(text, hit, place)]
    return spaces[-1] if spaces else _at_a_sign(text, place)


def _at_a_sign(text: str, place: int) -> int:
    while goes_on(text, place):
        place += 1
    return place
