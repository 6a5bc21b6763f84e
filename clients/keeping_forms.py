"""What people type about how long a record is kept. Forms validate and never save."""

from datetime import date

from django import forms
from django.utils import timezone

from access.fields import VisibleField
from access.forms import OnceForm, PlainForm
from clients.services.holding import Reason
from clients.services.keeping import years_after

_MOST_YEARS = 50


class ReasonForm(OnceForm):
    """Why a record is kept, in one line."""

    reason = VisibleField(
        label="Reason, in one line",
        help_text="Such as: claim of 3 May, ask Ms Miller. Managers and the care team can read it.",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def given(self) -> Reason:
        """Return the reason, as typed."""
        return Reason(self.cleaned_data["form"], self.cleaned_data["reason"])


class KeepLongerForm(ReasonForm):
    """How much longer, and why."""

    years = forms.IntegerField(
        label="Years from today",
        min_value=1,
        max_value=_MOST_YEARS,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    field_order = ("form", "years", "reason")

    def until(self) -> date:
        """Return the last day."""
        return years_after(timezone.localdate(), self.cleaned_data["years"])


class LiftForm(PlainForm):
    """Which hold is over."""

    hold = forms.UUIDField(widget=forms.HiddenInput)


class DestroyForm(PlainForm):
    """The code of the record that is meant, typed by hand: no other record is destroyed by a wrong click."""

    code = forms.CharField(
        label="The client’s code, as it stands above",
        max_length=10,
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, expected: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._expected = expected

    def clean_code(self) -> str:
        """Hold what was typed to the code of this record."""
        typed: str = self.cleaned_data["code"].strip().upper()
        if typed != self._expected:
            raise forms.ValidationError("This is not the code of this client. Nothing was decided.")
        return typed
