"""What the bench prints: ratios first, times as small print."""

from collections.abc import Sequence

from bench.measuring import Memory, Result
from bench.rotation import Cost

AT_REST_MIB = 160
# Two derivations of 64 MiB, and room for eight requests.
SIGNING_IN_MIB = 2 * 64 + 16


def speed(results: list[Result]) -> list[str]:
    """Write one line for each page."""
    rows = [
        (
            result.page.name,
            f"{result.ratio:.2f}",
            f"≤ {result.page.aim:g}",
            _verdict(result.ratio <= result.page.aim),
            f"{result.house * 1000:.1f} / {result.twin * 1000:.1f}",
        )
        for result in results
    ]
    return _table(("Page", "Times the twin", "Aim", "", "Medians in ms"), rows)


def memory(house: Memory, twin: Memory, *, people: int) -> list[str]:
    """Write what the workers hold at rest, and what so many people add who sign in at once."""
    rows = [
        _memory_row("At rest", house.at_rest, twin.at_rest, AT_REST_MIB),
        _memory_row(
            f"Added by {people} sign-ins", house.peak - house.at_rest, twin.peak - twin.at_rest, SIGNING_IN_MIB
        ),
    ]
    return _table(("Memory of the workers in MiB", "Subrosa", "Aim", "", "Twin"), rows)


def costs(what: str, beside: str, costs: list[Cost]) -> list[str]:
    """Write what jobs cost beside what is measured with them, under these heads."""
    rows = [
        (
            cost.name,
            f"{cost.ratio:.2f}",
            f"≤ {cost.aim:g}",
            _verdict(cost.ratio <= cost.aim),
            f"{cost.ours * 1000:.0f} / {cost.bare * 1000:.0f}",
        )
        for cost in costs
    ]
    return _table((what, beside, "Aim", "", "Medians in ms"), rows)


def _memory_row(name: str, house: float, twin: float, aim: int) -> tuple[str, ...]:
    return name, f"{house:.0f}", f"≤ {aim}", _verdict(house <= aim), f"{twin:.0f}"


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return [f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines]
