"""What is chosen before a record leaves. Forms validate and never save."""

from collections.abc import Sequence
from datetime import date

from django import forms
from django.http import QueryDict
from django.utils import timezone

from access.fields import DayField
from access.forms import PlainForm
from practice.exporting.purposes import WHY_WORDS, OwnBasis, Why


class ReleaseForm(PlainForm):
    """The base of what lets a record out: of several people's, each of them is asked for."""

    all_agreed = forms.BooleanField(
        label="Each of those who belong has said yes in writing, or the law asks for it without them",
        help_text="This record is about all of them. One alone cannot let it out.",
        error_messages={"required": "Please have each of them say yes in writing first."},
    )

    def __init__(self, data: QueryDict | None, *, is_unit: bool = False) -> None:
        super().__init__(data)
        if not is_unit:
            del self.fields["all_agreed"]

    @property
    def all_agreed_to_it(self) -> bool:
        """Say whether that was ticked; where nobody is asked, it was not."""
        return bool(self.cleaned_data.get("all_agreed"))


class ExportForm(ReleaseForm):
    """Why; nothing is chosen beforehand."""

    field_order = ("why", "all_agreed")
    why = forms.ChoiceField(
        label="What is it for?",
        help_text="The client reads this in their own log.",
        choices=[(why.value, words) for why, words in WHY_WORDS.items()],
        widget=forms.RadioSelect,
    )

    @property
    def chosen(self) -> Why:
        return Why(self.cleaned_data["why"])


class CaseloadForm(ExportForm):
    """Why for several clients at once: no client asks for everybody's record."""

    def __init__(self, data: QueryDict | None, *, has_unit: bool) -> None:
        super().__init__(data, is_unit=has_unit)
        if has_unit:
            asked = self.fields["all_agreed"]
            asked.required = False
            asked.label = "Couples, families and groups too: each of those who belong has said yes in writing"
            asked.help_text = "Or the law asks for it without them. Unless you tick this, these records stay out."
        choices = [(why.value, words) for why, words in WHY_WORDS.items() if why is not Why.CLIENT_ASKED]
        self.fields["why"].choices = choices  # type: ignore[attr-defined]


class OwnNotesForm(PlainForm):
    """What lets process notes out, and of which day it is; nothing is chosen beforehand."""

    basis = forms.ChoiceField(
        label="What lets you hand these notes out?",
        help_text="The client reads this in their own log.",
        widget=forms.RadioSelect,
    )
    dated = DayField(label="The day on it", help_text="Of the authorisation, the order or the request.")

    def __init__(self, *args: object, bases: Sequence[OwnBasis], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["dated"].required = True
        self.fields["basis"].choices = [(basis.value, basis.words) for basis in bases]  # type: ignore[attr-defined]

    def clean_dated(self) -> date:
        """Take no day that is still to come: nothing was signed on it."""
        dated: date = self.cleaned_data["dated"]
        if dated > timezone.localdate():
            raise forms.ValidationError("This day is still to come.")
        return dated

    @property
    def chosen(self) -> OwnBasis:
        return OwnBasis(self.cleaned_data["basis"])
