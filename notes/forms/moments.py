"""What is to be written about which moment, chosen before the first word. Forms validate and never save."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from access.forms import PlainForm
from clients.forms import ReadersField
from consent.decide import SAME_VISIT
from notes.formats import Format
from notes.kinds import NEEDS_SIGNATURE, UNDER_COVER, NoteKind
from notes.places import SessionPlace
from notes.services.drafting import Plan

if TYPE_CHECKING:
    from access.models import User

# A session may be written down while it runs, or a little before by another clock; tomorrow's may not.
_AHEAD = timedelta(hours=1)
# What stood on paper on a practice's first day may still be written down; a year is a typing error.
_BEFORE_SET_UP = timedelta(days=31)
# Nobody is told that far ahead when they come again; the year is a typing error.
_NEXT_WITHIN = timedelta(days=366)
_MOMENT = "%Y-%m-%dT%H:%M"
_GROUPS = (
    ("After a session", (NoteKind.SESSION, NoteKind.PROCESS)),
    (
        "Contact",
        (NoteKind.CALL, NoteKind.MESSAGE, NoteKind.NO_SHOW, NoteKind.LATE_CANCEL, NoteKind.CONTACT_OTHERS),
    ),
    (
        "Safety and crisis",
        (NoteKind.SAFETY, NoteKind.SAFETY_PLAN, NoteKind.CRISIS, NoteKind.EMERGENCY),
    ),
    ("Refusal and end", (NoteKind.REFUSAL, NoteKind.CLOSING)),
)
_MEANINGS = {
    NoteKind.PROCESS: "Your own thoughts, shown to nobody but you",
    NoteKind.CONTACT_OTHERS: "With a doctor, a school, a relative",
    NoteKind.SAFETY_PLAN: "With the client: what helps when it gets hard",
    NoteKind.CRISIS: "What happened, what was done, who was told",
    NoteKind.EMERGENCY: "Before a signature: needs an emergency reason first",
    NoteKind.CLOSING: "The course of the work, what was reached, what stays open",
}
_WAITS = "Waits for the client’s signature"


class MomentField(forms.DateTimeField):
    """A date and time on the practice's clock."""

    def to_python(self, value: Any) -> datetime | None:
        """Read what was typed, and say in plain words where a change of the clocks leaves no single answer."""
        try:
            return super().to_python(value)
        except ValidationError as refused:
            if refused.code != "ambiguous_timezone":
                raise
            raise ValidationError(
                "The clocks were changed in that hour, so this time came twice or not at all. "
                "Please choose one before or after it."
            ) from refused


class MomentForm(PlainForm):
    """When something was, how long it took, and where."""

    session_at = MomentField(
        label="When was it?",
        help_text=(
            "What counts for the client’s consent is this moment, not when you write. A signature also covers a "
            f"session that began at most {SAME_VISIT // timedelta(hours=1)} hours before it."
        ),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
        error_messages={"required": "Please say when it was."},
    )
    minutes = forms.IntegerField(
        label="Minutes",
        required=False,
        min_value=1,
        max_value=600,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    place = forms.ChoiceField(
        label="Where",
        required=False,
        choices=[("", "Not said"), *((place.value, place.label) for place in SessionPlace)],
        widget=forms.Select(attrs={"class": "short"}),
    )

    def __init__(self, data: QueryDict | None, *, founded_at: datetime, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self._founded_at = founded_at

    def clean_session_at(self) -> datetime:
        """Refuse what is still to come, and a year that is a typing error."""
        moment: datetime = self.cleaned_data["session_at"]
        if moment < self._founded_at - _BEFORE_SET_UP:
            day = date_format(localtime(self._founded_at), "j F Y")
            raise ValidationError(f"That is long before this practice was set up, on {day}. Please check the date.")
        if moment > timezone.now() + _AHEAD:
            raise ValidationError("This moment is still to come. Please choose when it was.")
        return moment


class SessionForm(MomentForm):
    """The same, and when the next one is."""

    next_at = MomentField(
        label="Next session",
        help_text="If it is agreed. On the day you find the client under “Expected” on your first page.",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a next session that is before this one, and a year that is a typing error."""
        cleaned = super().clean() or {}
        moment, following = cleaned.get("session_at"), cleaned.get("next_at")
        if moment and following and not moment < following <= moment + _NEXT_WITHIN:
            self.add_error("next_at", "The next session has to be after this one, and within a year of it.")
        return cleaned


class KindSelect(forms.RadioSelect):
    """Marks the kinds that wait for a signature, so that they can look like it."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the mark to one option."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if option["label"].endswith(_WAITS):
            option["attrs"]["data-waits"] = True
        return option


class BeginForm(SessionForm):
    """What is to be written, and about when. A session is chosen beforehand only where it may be written.

    :param covers: offer only what a colleague who covers may write
    :param formats: what a session may be written in
    :param usual: the format chosen beforehand for a session; other kinds have their own, which the draft may change
    :param proposed: what the address of the page fills in; what the form would not take is left out
    """

    field_order = ("kind", "format", "session_at", "minutes", "place", "next_at")
    kind = forms.ChoiceField(
        label="What do you want to write?",
        widget=KindSelect,
        error_messages={"required": "Please choose what you want to write."},
    )

    format = forms.ChoiceField(label="Format", required=False, widget=forms.Select(attrs={"class": "short"}))

    def __init__(
        self,
        data: QueryDict | None,
        *,
        founded_at: datetime,
        formats: Sequence[Format],
        usual: Format,
        session_waits: bool,
        covers: bool,
        readers: "Sequence[User]",
        may_choose_recovery: bool,
        proposed: Mapping[str, str],
    ) -> None:
        kind = None if session_waits or covers else NoteKind.SESSION.value
        initial = {"kind": kind, "session_at": this_minute(), "format": usual.name}
        super().__init__(data, founded_at=founded_at, initial=initial)
        self.fields["format"].choices = [(one.name, one.label) for one in formats]  # type: ignore[attr-defined]
        self.fields["kind"].choices = _kinds(session_waits=session_waits, covers=covers)  # type: ignore[attr-defined]
        self.initial.update(self._fitting(proposed))
        if readers:
            # Process notes lie elsewhere, so a tick is needed only by what goes into the record: the service asks.
            self.fields["readers"] = ReadersField(readers, required=False)
        if may_choose_recovery:
            self.fields["recoverable"] = _recovery_field()

    def plan(self) -> Plan:
        """Return what to begin, as chosen."""
        chosen, kind = self.cleaned_data, NoteKind(self.cleaned_data["kind"])
        return Plan(
            kind=kind,
            session_at=chosen["session_at"],
            minutes=chosen["minutes"],
            place=chosen["place"],
            # The page does not ask it of a process note, and hides what was typed before one was chosen.
            next_at=None if kind.is_process else chosen["next_at"],
            format=chosen["format"],
            confirmed=frozenset(chosen.get("readers", ())),
            recoverable=chosen.get("recoverable", False),
        )

    def _fitting(self, proposed: Mapping[str, str]) -> dict[str, Any]:
        fitting: dict[str, Any] = {}
        for name in proposed.keys() & {"kind", "format", "session_at", "minutes", "place"}:
            with suppress(ValidationError):
                fitting[name] = self.fields[name].clean(proposed[name])
        return fitting


def _kinds(*, session_waits: bool, covers: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    offered = UNDER_COVER if covers else frozenset(NoteKind)
    meanings = {**_MEANINGS, **(dict.fromkeys(NEEDS_SIGNATURE, _WAITS) if session_waits else {})}
    return [
        (group, [(kind.value, "\n".join(filter(None, (kind.label, meanings.get(kind))))) for kind in shown])
        for group, kinds in _GROUPS
        if (shown := [kind for kind in kinds if kind in offered])
    ]


def _recovery_field() -> forms.Field:
    return forms.BooleanField(
        label="Let the practice’s recovery key open my process notes on this client",
        help_text=(
            "Left off, nobody can ever open them but you, and they are lost with your passphrase and your recovery "
            "code. You can change it later, on the page of who can read this record."
        ),
        required=False,
    )


def this_minute() -> datetime:
    """Give the minute that it is."""
    return timezone.now().replace(second=0, microsecond=0)
