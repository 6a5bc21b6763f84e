"""No form speaks as its framework does: whatever is wrong, wherever a form stands, is said in plain words."""

import re
from copy import deepcopy
from urllib.parse import urlencode

import pytest
from django import forms
from django.forms import fields as framework
from django.http import QueryDict

from access.forms import PlainForm
from notes.forms.texts import DraftForm
from notes.kinds import NoteKind
from notes.published import current_format
from tests.practice.house import every_form

pytestmark = pytest.mark.once

FRAMEWORKS_WORDS = re.compile(
    r"^(Ensure |Select a valid|Enter (a|an|the) |This field|Null characters|.*is not (a|one of) )"
)
WRONG = ["", " ", "x", "x y", "\0", "\u202e", "-1", "0", "9" * 60, "x" * 5000, "0001-01-01", "9999-12-31", "1.5"]
FORMS = every_form()
FIELDS = [
    pytest.param(field, id=f"{form.__name__}.{name}")
    for form in FORMS
    for name, field in vars(form).get("base_fields", {}).items()
]
# Of no form here, and with sentences about files, pictures and the like.
_ELSEWHERE = (forms.FileField, forms.DurationField, forms.JSONField, forms.MultiValueField, forms.FilePathField)


def said_about(field: forms.Field, value: str) -> list[str]:
    asking = type("Asking", (PlainForm,), {"it": deepcopy(field)})
    form = asking(QueryDict(urlencode({"it": value})))
    return [str(error) for errors in form.errors.values() for error in errors]


class TestEveryForm:
    @pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
    def test_is_built_upon_the_plain_one(self, form):
        assert issubclass(form, PlainForm)

    @pytest.mark.parametrize("field", FIELDS)
    def test_says_what_is_wrong_in_words_of_ours(self, field):
        said = [words for value in WRONG for words in said_about(field, value)]
        assert not [words for words in said if FRAMEWORKS_WORDS.match(words) or "%(" in words]

    def test_does_so_with_fields_that_came_later(self):
        form = DraftForm(current_format(NoteKind.SESSION), {"revision": "x", "safety": "perhaps"})
        assert form.errors["safety"] == ["Please choose one of the answers that are offered here."]
        assert form.errors["revision"] == ["This page came back incomplete. Please open it again and try once more."]


class TestTheWords:
    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            (forms.IntegerField(max_value=600), "601", "Please give no more than 600."),
            (forms.IntegerField(min_value=1), "0", "Please give at least 1."),
            (forms.IntegerField(), "fifty", "Please give a whole number, in digits."),
            (forms.CharField(max_length=3), "four", "Please keep this to at most 3 characters; it has 4."),
            (forms.CharField(label="Name"), "", "Please fill in “Name”."),
            (forms.ChoiceField(label="Role", choices=[("a", "A")]), "", "Please choose: Role"),
            (forms.BooleanField(), "", "Please tick the box to go on."),
            (forms.DateField(), "tomorrow", "Please give a day, such as 2026-11-18."),
            (forms.EmailField(), "ines", "Please type a whole e-mail address, such as name@example.org."),
            (forms.CharField(error_messages={"required": "Our own."}), "", "Our own."),
        ],
    )
    def test_say_what_to_do(self, field, value, words):
        assert said_about(field, value) == [words]


class TestThisTest:
    def test_knows_the_frameworks_words_by_sight(self):
        kinds = [kind for kind in vars(framework).values() if isinstance(kind, type) and issubclass(kind, forms.Field)]
        said = {
            str(words)
            for kind in kinds
            if not issubclass(kind, _ELSEWHERE)
            for words in getattr(kind, "default_error_messages", {}).values()
        }
        assert len(said) >= 8
        assert not [words for words in said if not FRAMEWORKS_WORDS.match(words)]
