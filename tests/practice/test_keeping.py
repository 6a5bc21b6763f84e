"""What comes back from a form that could not be taken: all that was written, and no secret, whatever form it is."""

import re

import pytest
from django import forms
from django.http import QueryDict

from practice.keeping import kept_fields
from practice.setting_up import WantedForm
from tests.practice.house import every_form

pytestmark = pytest.mark.once

SOUNDS_SECRET = re.compile(r"passphrase|password|again|recovery|typed|code|token|secret|link")
SECRET_TO_BROWSERS = ("one-time-code", "current-password", "new-password")
# A reason chosen from a list is called by its code; it is no secret, and an emergency should not be chosen twice. Nor
# is it one how many codes somebody wants.
NO_SECRET = {
    ("OverrideForm", "code"): "consent:override",
    ("SheetsForm", "codes"): "practice:set_up_sheets",
    ("BrowserSheetsForm", "codes"): "practice:set_up_sheets",
}


# One form is filled in at a terminal; no page ever keeps it.
FORMS = [form for form in every_form() if form is not WantedForm]
FIELDS = sorted({(form.__name__, name) for form in FORMS for name in vars(form).get("base_fields", ())})


class TestAField:
    @pytest.mark.parametrize(("form", "name"), FIELDS)
    def test_of_any_form_comes_back_unless_it_is_a_secret(self, form, name):
        is_secret = SOUNDS_SECRET.search(name) and (form, name) not in NO_SECRET
        kept = kept_fields(QueryDict(f"{name}=said"), view_name=NO_SECRET.get((form, name), "any:page"))
        assert [field.value for field in kept] == ([] if is_secret else ["said"])

    @pytest.mark.parametrize(
        "name", ["csrfmiddlewaretoken", "again-passphrase", "again-code", "again-person", "typed_1"]
    )
    def test_of_the_pages_between_never_comes_back(self, name):
        assert not kept_fields(QueryDict(f"{name}=said"), view_name="any:page")

    def test_that_is_a_secret_to_browsers_is_one_here(self):
        # Else it would slip through the list of names above under another one.
        secret_to_browsers = {
            name
            for form in FORMS
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
