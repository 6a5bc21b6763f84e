"""What is typed in a set-up. No code ever comes back to the page."""

from typing import Any

from django import forms

from access.forms import PlainForm
from practice.setting_up import SheetsForm

_FIELD = "typed_"
_CODE = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class OneTimeCodeForm(PlainForm):
    code = forms.CharField(
        label="One-time code",
        help_text="The ten characters that the terminal shows.",
        max_length=40,
        widget=forms.TextInput(attrs={**_CODE, "class": "code"}),
    )


class BrowserSheetsForm(SheetsForm):
    """The two numbers, as a page asks for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].label = "How many recovery sheets"
        self.fields["needed"].label = "How many of them together open the records"
        for field in self.fields.values():
            field.widget.attrs["class"] = "short"


class SheetCodesForm(PlainForm):
    """The codes of the first sheets, as many as it takes, typed back from paper."""

    def __init__(self, *args: Any, needed: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, needed + 1):
            widget = forms.TextInput(attrs={**_CODE})
            self.fields[f"{_FIELD}{number}"] = forms.CharField(
                label=f"Code of sheet {number}", max_length=80, widget=widget
            )

    def codes(self) -> dict[int, str]:
        """Return what was typed, by the numbers of the sheets."""
        return {int(name.removeprefix(_FIELD)): str(text) for name, text in self.cleaned_data.items()}
