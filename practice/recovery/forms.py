"""What partners type in a ceremony. No code ever comes back to the page."""

from collections.abc import Iterable
from typing import Any

from django import forms

from access.acting import Refusal
from access.forms import FingerprintForm, PlainForm
from clients.forms import RecipientField
from clients.services.handing import BATCH
from clients.services.rescuing import WaitingCare
from clients.services.sharing import Recipient
from practice.recovery.ceremony import CodesNotRight

_FIELD = "typed_"


class OneOfSeveral(forms.CharField):
    """A field of a set, of which enough are filled in. It is not for the browser to insist on every one."""

    def validate(self, value: str) -> None:
        """Leave it to who counts the set."""


class SheetsForm(PlainForm):
    """One field for each printed sheet, of which so many are filled in."""

    use_required_attribute = False

    def __init__(self, *args: Any, count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, count + 1):
            plain = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
            self.fields[f"{_FIELD}{number}"] = OneOfSeveral(
                label=f"Code {number}", max_length=80, widget=forms.PasswordInput(attrs={**plain})
            )

    def codes(self) -> dict[int, str]:
        """Return the codes that were typed, by their numbers."""
        typed = {name: text for name, text in self.cleaned_data.items() if name.startswith(_FIELD) and text}
        return {int(name.removeprefix(_FIELD)): text for name, text in typed.items()}


def say_refused(form: forms.Form, refusal: Refusal) -> None:
    """Say on the page why it did not go ahead: beside the code that is mistyped, where it is one."""
    number = refusal.number if isinstance(refusal, CodesNotRight) else None
    form.add_error(f"{_FIELD}{number}" if number else None, str(refusal))


class CeremonyForm(SheetsForm, FingerprintForm):
    """Sheets, and the hash behind the six words."""


class CaresForm(SheetsForm):
    """Sheets, and who is given the keys of which client: one tick for each, none beforehand."""

    def __init__(self, *args: Any, waiting: Iterable[WaitingCare], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cares"] = forms.MultipleChoiceField(
            label="Which clients",
            choices=[(one.mark, f"{one.label}\n{one.words}") for one in waiting],
            help_text=f"Up to {BATCH} at a time.",
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": "Please tick at least one client.",
                "invalid_choice": "The list has changed since the page was shown. Please look again.",
            },
        )
        self.order_fields(["cares"])

    def clean_cares(self) -> list[str]:
        """Hold the ticks to what one answer can deal with."""
        marks: list[str] = self.cleaned_data["cares"]
        if len(marks) > BATCH:
            raise forms.ValidationError(f"Please tick up to {BATCH} at a time; the others come next.")
        return marks


class RestrictedForm(SheetsForm):
    """Sheets, and the colleague who is given what managers are not shown."""

    def __init__(self, *args: Any, colleagues: Iterable[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = RecipientField("Who looks after them from now on", colleagues)
        self.order_fields(["to"])
