"""What partners type in a ceremony. No code ever comes back to the page."""

from typing import Any

from django import forms

from access.forms import FingerprintForm

_FIELD = "typed_"


class OneOfSeveral(forms.CharField):
    """A field of a set, of which enough are filled in. It is not for the browser to insist on every one."""

    def validate(self, value: str) -> None:
        """Leave it to who counts the set."""


class CeremonyForm(FingerprintForm):
    """One field for each printed sheet, of which so many are filled in; and the hash behind the six words."""

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
