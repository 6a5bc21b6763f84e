"""What there is in the house, found and not typed by hand."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from django import forms
from django.conf import settings

HOUSE = [app.partition(".")[0] for app in settings.INSTALLED_APPS if app.endswith("Config")]
# Importing it makes the application that a server runs.
_STARTS_SOMETHING = {"practice.wsgi"}


def every_form() -> list[type[forms.BaseForm]]:
    """Find every form class of ours, wherever it stands."""
    for name in HOUSE:
        for module in walk_packages(import_module(name).__path__, f"{name}."):
            if module.name not in _STARTS_SOMETHING:
                import_module(module.name)
    return [form for form in _below(forms.BaseForm) if form.__module__.partition(".")[0] in HOUSE]


def _below(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for below in form.__subclasses__():
        yield below
        yield from _below(below)
