"""Addresses of views by their names, with something for each argument that a test does not care for."""

import re
from uuid import UUID, uuid4

from django.urls import reverse

from practice.checks import resolved_views

_ARGUMENT = re.compile(r"<(\w+):(\w+)>")
_ANYTHING = {"number": 1, "instrument": "phq-9"}
_VIEWS = dict(resolved_views())


def address_of(name: str, **known: UUID) -> str:
    """Write the address of a view: what is known of its arguments, and ids of nothing for the rest."""
    wanted = (argument for _, argument in _ARGUMENT.findall(_VIEWS[name]))
    return reverse(name, kwargs={one: known.get(one) or _ANYTHING.get(one) or uuid4() for one in wanted})
