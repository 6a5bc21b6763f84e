"""Fields that many forms share: what is shown as it was typed, without a character that nobody sees, and days."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator, RegexValidator

# Control characters, soft hyphens, marks and overrides of direction, spaces of no width, fillers and tags: with them,
# what is shown could differ from what is stored, signed or searched. Joiners, which some scripts need, are allowed.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_only_visible = RegexValidator(
    HIDDEN,
    message="There are characters in this that nobody sees. Please type it by hand, without hidden characters.",
    code="hidden",
    inverse_match=True,
)
# At least three digits, as 911 has, among the signs that numbers are written with; then perhaps an extension.
_PHONE = re.compile(r"^[+(*#]*(?:[0-9][\s().,/*#+-]*){3,}(?:(?:ext\.?|x)\s*[0-9]+)?$", re.IGNORECASE)
_plausible_phone = RegexValidator(_PHONE, message="Please type a phone number, such as +1 555 0100.", code="phone")


# Joiners and marks (general categories of the Unicode Standard, table 4-4) show nothing unless a letter carries them.
_CARRIED = ("Cf", "Mn", "Me")


class _VisibleLength(MinLengthValidator):
    """Counts what is seen, with a row of spaces for one, so that nothing else makes a short line long enough."""

    def clean(self, line: Any) -> int:
        return sum(unicodedata.category(sign) not in _CARRIED for sign in " ".join(line.split()))


def _require_letters(line: str) -> None:
    if not any(sign.isalnum() for sign in line):
        raise ValidationError("There is no letter and no digit in this. Please put it in words.", code="no_letters")


class VisibleField(forms.CharField):
    """A line that shows all it holds, and holds a letter or a digit of some script."""

    def __init__(self, *, validators: Sequence[RegexValidator] = (), **kwargs: Any) -> None:
        super().__init__(validators=[_only_visible, _require_letters, *validators], **kwargs)
        if self.min_length is not None:
            others = [check for check in self.validators if not isinstance(check, MinLengthValidator)]
            self.validators = [*others, _VisibleLength(self.min_length)]


class PhoneField(VisibleField):
    """A phone number, as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, validators=[_plausible_phone], **kwargs)


class DayField(forms.DateField):
    """A day that something is narrowed to, or none. Its whole day, and the next one, lie within the calendar."""

    def __init__(self, **kwargs: Any) -> None:
        # The day after the last one, or another time zone, would leave what Python's dates reach.
        within = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9998, 12, 31))]
        # A browser fills type=date only from ISO 8601, whatever the language of the page.
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(required=False, validators=within, widget=widget, **kwargs)
