"""What people type and choose about cover. Forms validate and never save."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from access.forms import OnceForm, PlainForm
from clients.forms import ClientsField, ReasonField, RecipientsField
from clients.kinds import OpeningCode
from clients.services.contacts import ListedClient
from clients.services.covering import MOST, Absence
from clients.services.opening import Because
from clients.services.sharing import Recipient

# A plan for later than this is a typing error.
_AHEAD = timedelta(days=366)
_FORTNIGHT = timedelta(days=13)


class CoverForm(PlainForm):
    """Who covers for which clients, from which day to which.

    :param chosen: the clients that are ticked beforehand
    """

    starts = forms.DateField(label="First day away", widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(
        label="Last day away",
        help_text=f"At most {MOST.days} days. The keys end with this day by themselves.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ("clients", "recipients", "starts", "ends")

    def __init__(
        self,
        data: QueryDict | None,
        *,
        colleagues: Iterable[Recipient],
        listed: Iterable[ListedClient],
        chosen: Iterable[str] = (),
    ) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={"starts": today, "ends": today + _FORTNIGHT, "clients": list(chosen)})
        self.fields["clients"] = ClientsField(listed)
        self.fields["recipients"] = RecipientsField(colleagues, label="Who covers for you")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any] | None:
        """Hold the days to what a cover may last."""
        typed = super().clean()
        first, last = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        if first and not timezone.localdate() <= first <= timezone.localdate() + _AHEAD:
            self.add_error("starts", "Please choose today or a day of the year to come.")
        if first and last and not timedelta(0) <= last - first < MOST:
            self.add_error("ends", f"Please choose a day from the first one on, at most {MOST.days} days later.")
        return typed

    def absence(self) -> Absence:
        """Return the days, as moments of the practice's own clock."""
        after = self.cleaned_data["ends"] + timedelta(days=1)
        return Absence(_midnight(self.cleaned_data["starts"]), _midnight(after))

    @property
    def seen(self) -> frozenset[str]:
        """Return the marks of who was ticked."""
        return frozenset(self.cleaned_data["recipients"])


class EndCoverForm(PlainForm):
    """Which cover ends."""

    cover = forms.UUIDField(widget=forms.HiddenInput)


class OpenRecordForm(OnceForm):
    """Why a record cannot wait for its therapist. The field is not called `code`, which pages never give back."""

    why = forms.ChoiceField(
        label="Why can it not wait?",
        choices=[(code.value, code.words) for code in OpeningCode],
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose why it cannot wait."},
    )
    reason = ReasonField(
        label="What happened, in one line",
        help_text="The client’s therapist and the managers read this line; leave out what belongs in the record.",
    )

    def because(self) -> Because:
        """Return the reason, as typed."""
        typed = self.cleaned_data
        return Because(OpeningCode(typed["why"]), typed["reason"], typed["form"])


class ReviewForm(PlainForm):
    """Which opening was looked into."""

    opening = forms.UUIDField(widget=forms.HiddenInput)


def ticked(listed: list[ListedClient], asked: str) -> list[str]:
    """Say which clients are ticked beforehand: the one that was asked for, else the whole caseload."""
    ids = [str(row.client.pk) for row in listed]
    return [asked] if asked in ids else ids


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
