"""The questionnaires as data: every word and number of them comes from `content/measures`, with its source."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings

_CONTENT = Path(settings.BASE_DIR) / "content" / "measures" / "en-US"


@dataclass(frozen=True)
class Question:
    """One thing that is asked; what is answered is the place of a choice, from 0."""

    text: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """What the source calls the sums from `least` on."""

    least: int
    words: str


@dataclass(frozen=True)
class Instrument:
    """One questionnaire.

    :param loinc, loinc_sum: how other programs call it and its sum, in the codes of LOINC
    :param title: what its client reads instead of its name
    :param items: the questions that count
    :param difficulty: the one at the end, which is asked and never counted
    :param alarm_item: the number of the item that is shown by itself when it is above zero; None where there is none
    :param clear_change: by how many points two sums differ before that is called a change
    """

    code: str
    name: str
    loinc: str
    loinc_sum: str
    title: str
    lead: str
    items: tuple[Question, ...]
    difficulty: Question
    bands: tuple[Band, ...]
    clear_change: int
    alarm_item: int | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """All that is asked, in order; they are numbered from 1."""
        return (*self.items, self.difficulty)

    @property
    def highest(self) -> int:
        """The highest sum there can be."""
        return sum(len(item.choices) - 1 for item in self.items)


@functools.cache
def instruments() -> Mapping[str, Instrument]:
    """Read every questionnaire, by its code."""
    found = [read_instrument(file.read_text("utf-8")) for file in sorted(_CONTENT.glob("*.toml"), reverse=True)]
    return MappingProxyType({instrument.code: instrument for instrument in found})


def read_instrument(toml: str) -> Instrument:
    """Read one questionnaire."""
    facts: dict[str, Any] = tomllib.loads(toml)
    choices, difficulty = tuple(facts.pop("choices")), facts.pop("difficulty")
    return Instrument(
        items=tuple(Question(text, choices) for text in facts.pop("items")),
        difficulty=Question(difficulty["text"], tuple(difficulty["choices"])),
        bands=tuple(Band(**band) for band in facts.pop("bands")),
        **facts,
    )
