"""The record as plain text: any program of any year opens it."""

from collections.abc import Iterator

from clients.exports import Chapter, Leaf
from clients.services.exporting import when
from practice.exporting.gathering import Volume


def write_text(volume: Volume) -> str:
    """Write a record as one text, lines ending as in Unix."""
    return "\n".join(_lines(volume)) + "\n"


def _lines(volume: Volume) -> Iterator[str]:
    yield from _heading(volume.title, "=")
    yield from (f"{label}: {words}" for label, words in [*volume.facts, ("Made", when(volume.made_at))])
    for part, chapter in volume.chapters:
        yield from ("", "", *_heading(part.title, "="), *_chapter(chapter))


def _chapter(chapter: Chapter) -> Iterator[str]:
    if chapter.preface:
        yield chapter.preface
    if not chapter.leaves:
        yield "Nothing."
    for leaf in chapter.leaves:
        yield from ("", *_leaf(leaf))


def _leaf(leaf: Leaf) -> Iterator[str]:
    if leaf.title:
        yield from _heading(leaf.title, "-")
    if leaf.problem:
        yield leaf.problem
    yield from (f"{label}: {words}" for label, words in leaf.facts)
    for heading, text in leaf.passages:
        yield from ("", f"{heading}:", text)
    if leaf.table:
        yield from (" · ".join(cell for cell in row if cell) for row in leaf.table.rows)


def _heading(words: str, line: str) -> tuple[str, str]:
    return words, line * len(words)
