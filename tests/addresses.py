"""Addresses of views by their names, with something for each argument that a test does not care for."""

import re
from uuid import uuid4

from django.urls import reverse

from practice.checks import resolved_views

_ARGUMENT = re.compile(r"<\w+:(\w+)>")
# What names no record, and so is nothing to be found or not.
_ANYTHING = {"number": 1, "instrument": "phq-9"}
VIEWS = dict(resolved_views())


def arguments_of(name: str) -> list[str]:
    """List by name what the address of a view asks for."""
    return _ARGUMENT.findall(VIEWS[name])


def address_of(name: str, **known: object) -> str:
    """Write the address of a view: what is known of its arguments, and ids of nothing for the rest."""
    return reverse(name, kwargs={one: known.get(one) or _ANYTHING.get(one) or uuid4() for one in arguments_of(name)})
