"""From answers to a number, and from two numbers to a word: nothing here knows a client or a database."""

from collections.abc import Sequence
from dataclasses import dataclass

from measures.instruments import Instrument

# One for each question: the place of the choice, or None where it was left out.
Answers = Sequence[int | None]


@dataclass(frozen=True)
class Change:
    """How one sum stands to an earlier one.

    :param points: how much higher it is; below zero, how much lower
    :param is_clear: the source calls so much a change
    """

    points: int
    is_clear: bool

    @property
    def words(self) -> str:
        """Say it without a diagnosis: numbers go up and down, people are not numbers."""
        if not self.is_clear:
            return "about the same"
        return f"{abs(self.points)} points {'higher' if self.points > 0 else 'lower'}"


def add_up(instrument: Instrument, answers: Answers) -> int | None:
    """Add the items up; None where one was left out, because a guessed item would be nobody's answer."""
    counted = answers[: len(instrument.items)]
    known = [value for value in counted if value is not None]
    return sum(known) if len(known) == len(instrument.items) else None


def band_of(instrument: Instrument, total: int) -> str:
    """Return what the source calls a sum."""
    return next(band.words for band in reversed(instrument.bands) if total >= band.least)


def is_alarm(instrument: Instrument, answers: Answers) -> bool:
    """Say whether the item that is shown by itself is above zero, however many others were answered."""
    item = instrument.alarm_item
    return item is not None and bool(answers[item - 1])


def compare(instrument: Instrument, earlier: int, later: int) -> Change:
    """Say how a sum stands to an earlier one of the same questionnaire."""
    points = later - earlier
    return Change(points, abs(points) >= instrument.clear_change)
