"""What comes back from a form that could not be taken: all that was written, and no secret, whatever form it is."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django import forms
from django.conf import settings
from django.http import QueryDict

from practice.keeping import kept_fields

HOUSE = [app.partition(".")[0] for app in settings.INSTALLED_APPS if app.endswith("Config")]
SOUNDS_SECRET = re.compile(r"passphrase|password|again|recovery|typed|code|token|secret|link")
SECRET_TO_BROWSERS = ("one-time-code", "current-password", "new-password")
# A reason chosen from a list is called by its code; it is no secret, and an emergency should not be chosen twice.
NO_SECRET = {("OverrideForm", "code"): "consent:override"}


def forms_of_the_house() -> list[type[forms.BaseForm]]:
    """Find every form class of ours, wherever it stands."""
    for name in HOUSE:
        for module in walk_packages(import_module(name).__path__, f"{name}."):
            if ".forms" in module.name:
                import_module(module.name)
    return [form for form in _below(forms.BaseForm) if form.__module__.partition(".")[0] in HOUSE]


def _below(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for below in form.__subclasses__():
        yield below
        yield from _below(below)


FIELDS = sorted({(form.__name__, name) for form in forms_of_the_house() for name in vars(form).get("base_fields", ())})


class TestAField:
    @pytest.mark.parametrize(("form", "name"), FIELDS)
    def test_of_any_form_comes_back_unless_it_is_a_secret(self, form, name):
        is_secret = SOUNDS_SECRET.search(name) and (form, name) not in NO_SECRET
        kept = kept_fields(QueryDict(f"{name}=said"), view_name=NO_SECRET.get((form, name), "any:page"))
        assert [field.value for field in kept] == ([] if is_secret else ["said"])

    @pytest.mark.parametrize("name", ["csrfmiddlewaretoken", "again-passphrase", "again-code", "again-person"])
    def test_of_the_pages_between_never_comes_back(self, name):
        assert not kept_fields(QueryDict(f"{name}=said"), view_name="any:page")

    def test_that_is_a_secret_to_browsers_is_one_here(self):
        # Else it would slip through the list of names above under another one.
        secret_to_browsers = {
            name
            for form in forms_of_the_house()
            for name, field in vars(form).get("base_fields", {}).items()
            if field.widget.attrs.get("autocomplete") in SECRET_TO_BROWSERS
            or isinstance(field.widget, forms.PasswordInput)
        }
        assert {"passphrase", "code"} <= secret_to_browsers
        assert all(map(SOUNDS_SECRET.search, secret_to_browsers))


class TestWhatWasWritten:
    def test_comes_back_whole_and_in_order(self):
        kept = kept_fields(QueryDict("b=1&a=two+words&b=3&passphrase=x"), view_name="any:page")
        assert [(field.name, field.value) for field in kept] == [("b", "1"), ("b", "3"), ("a", "two words")]
