"""Sums over time as places on a sheet: the page draws them as SVG, and nothing in it needs a style."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# In units of the drawing, which are points on a phone: letters in it stay as large as those around it.
WIDTH, HEIGHT = 340, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 324, 12, 160


@dataclass(frozen=True)
class Point:
    """One sum, and where it stands."""

    at: datetime
    total: int
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """A line across, with the sum it stands for."""

    total: int
    y: int


@dataclass(frozen=True)
class Chart:
    """Everything to draw, the oldest first."""

    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    bottom: int = _BOTTOM

    @property
    def path(self) -> str:
        """The way through all points, for a polyline."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]


def draw(sums: Sequence[tuple[datetime, int]], *, lines: Sequence[int], highest: int) -> Chart:
    """Place sums by the day and by their height.

    :param sums: the oldest first, at least one
    :param lines: the sums to draw a line across at
    """

    def height_of(total: int) -> int:
        return round(_BOTTOM - (_BOTTOM - _TOP) * total / highest)

    start, whole = sums[0][0], (sums[-1][0] - sums[0][0]).total_seconds()

    def place_of(at: datetime) -> int:
        share = (at - start).total_seconds() / whole if whole else 0.5
        return round(_LEFT + (_RIGHT - _LEFT) * share)

    points = tuple(Point(at, total, place_of(at), height_of(total)) for at, total in sums)
    return Chart(points, tuple(Line(total, height_of(total)) for total in sorted({*lines, highest})))
