"""What every refusal has in common: its reason is named, and nothing of what was refused is left behind."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from keys.errors import KeyRefused
from keys.models import Certificate, Grant


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """Expect a refusal for this reason, and no certificate, no grant and no reader's mark more than before."""
    before = _written()
    with pytest.raises(KeyRefused) as caught:
        yield
    assert caught.value.reason == reason
    assert _written() == before


def _written() -> tuple[int, list[tuple[object, ...]]]:
    return Certificate.objects.count(), list(Grant.objects.order_by("pk").values_list("pk", "accepted", "wrap"))
