"""What people type and choose about custodians. Forms validate and never save."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from access.forms import PlainForm
from clients.forms import ReasonField, RecipientField
from clients.kinds import Why
from clients.services.releasing import Because
from clients.services.sharing import Recipient
from clients.services.wills import Wishes

_LONGEST = 10_000


class NameForm(PlainForm):
    """Whom a therapist names, and what they are to do.

    :param may_hide: whether there may be clients who are kept from managers
    """

    instructions = forms.CharField(
        label="What they are to do",
        help_text="Whom to call, what to tell your clients, where papers are. Nobody reads it before a release.",
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
    )
    hidden_too = forms.BooleanField(
        label="My restricted clients too",
        help_text="Those whom you keep from managers, who do not learn of them by it. Without this nobody tells them.",
        required=False,
    )

    def __init__(
        self, data: QueryDict | None, *, colleagues: Iterable[Recipient], may_hide: bool, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["custodian"] = RecipientField("Your custodian", colleagues)
        self.order_fields(["custodian"])
        if not may_hide:
            del self.fields["hidden_too"]

    def wishes(self) -> Wishes:
        """Return what was laid down, as typed."""
        return Wishes(self.cleaned_data["instructions"], self.cleaned_data.get("hidden_too", False))


class AnswerForm(PlainForm):
    """Which will, and yes or no."""

    will = forms.UUIDField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


class StageForm(PlainForm):
    """A step, as it stood on the page: what it was sent for, and nothing else."""

    seen = forms.CharField(max_length=80, widget=forms.HiddenInput)


class AskForm(StageForm):
    """Why a therapist cannot act, and how one knows."""

    why = forms.ChoiceField(
        label="Why can they not act?",
        choices=[(why.value, why.words) for why in Why],
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose why they cannot act."},
    )
    reason = ReasonField(
        label="How do you know, and why this step now? In one line",
        help_text="Whoever confirms it reads this, and a therapist who comes back does too.",
    )

    def because(self) -> Because:
        """Return the reason, as typed."""
        return Because(Why(self.cleaned_data["why"]), self.cleaned_data["reason"])
