"""Timelines as they may come: single steps by the hour, and any list of them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import strategies as st

from consent.kinds import EventKind
from consent.timeline import Step

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def step(kind: EventKind, hours: float, until: float | None = None) -> Step:
    return Step(uuid4(), kind, MONDAY + hours * HOUR, None if until is None else MONDAY + until * HOUR)


hours = st.integers(0, 60)
steps = st.lists(
    st.builds(lambda kind, at, lasts: step(kind, at, at + lasts), st.sampled_from(EventKind), hours, st.integers(0, 72))
    | st.builds(step, st.sampled_from(EventKind), hours),
    max_size=14,
)
