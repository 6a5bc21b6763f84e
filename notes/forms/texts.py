"""What therapists type into a note. Forms validate and never save; a draft may be as unfinished as it likes."""

from typing import Any

from django import forms
from django.http import QueryDict

from access.cleaning import clean_text
from access.forms import PlainForm
from notes.formats import Format, Section
from notes.services.drafting import Sent

MAX_CHARACTERS = 200_000
_OTHER_FORMAT = (
    "Not saved: the format of this draft was changed in another window. Copy what you typed here, open the draft "
    "anew, and paste it there."
)
# As far as the databases count.
MAX_REVISION = 2**31 - 1


class DraftForm(PlainForm):
    """The sections of a note. Nothing is required here: what a signature needs is asked at the review.

    :param format_: in which this form is written
    :param stored: the name of the draft's own format, which another window may have changed
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MAX_REVISION)
    format = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, format_: Format, *args: Any, stored: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._format, self._stored = format_, stored or format_.name
        self.fields["format"].initial = format_.name
        for section in format_.sections:
            self.fields[section.name] = _field(section)

    @property
    def sections(self) -> tuple[Section, ...]:
        return self._format.sections

    def clean(self) -> dict[str, Any]:
        """Clean each text of what word processors leave in it, and hold the whole to its limit."""
        cleaned = super().clean() or {}
        for section in self._format.sections:
            text = clean_text(cleaned.get(section.name, ""))
            cleaned[section.name] = text
            if "\0" in text:
                self.add_error(section.name, _nul_message(text))
        self._check_length(cleaned)
        if self._format.name != self._stored:
            # Nothing is saved: the draft has no place for these sections, and what stands in them would be dropped.
            self.add_error(None, _OTHER_FORMAT)
        return cleaned

    def texts(self) -> dict[str, str]:
        """Return what was typed, section by section."""
        return {section.name: self.cleaned_data[section.name] for section in self._format.sections}

    def holds_together(self) -> bool:
        """Say, at the fields, what contradicts itself. A draft may; what goes on to the review may not."""
        for name, words in self._format.contradictions(self.texts()).items():
            self.add_error(name, words)
        return not self.errors

    def stand_upon(self, revision: int) -> None:
        """Let what is sent next follow this revision."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["revision"] = str(revision)
        self.data = data

    def first_error(self) -> str:
        """Return one sentence, for the save bar."""
        return next(str(errors[0]) for errors in self.errors.values())

    def _check_length(self, cleaned: dict[str, Any]) -> None:
        lengths = {section.name: len(cleaned.get(section.name, "")) for section in self._format.sections}
        total = sum(lengths.values())
        if total > MAX_CHARACTERS:
            longest = max(lengths, key=lambda name: lengths[name])
            self.add_error(
                longest,
                f"A note holds up to {MAX_CHARACTERS:,} characters, and this one has {total:,}. "
                "Please move some of it into another note; nothing was cut.",
            )


class SentForm(PlainForm):
    """How a text was sent. Only the script says so; a form that was sent by hand says nothing."""

    window = forms.UUIDField(required=False)
    turn = forms.IntegerField(required=False, min_value=1, max_value=MAX_REVISION)
    gone = forms.IntegerField(required=False, min_value=0)

    def sent(self) -> Sent:
        """Return what was said; what makes no sense counts as nothing."""
        data = self.cleaned_data if self.is_valid() else {}
        return Sent(data.get("window"), data.get("turn") or 0, data.get("gone"))


class BringBackForm(PlainForm):
    """Which version comes back."""

    version = forms.UUIDField(widget=forms.HiddenInput)


class SignForm(PlainForm):
    """The signature: under which revision, and the tick where something stayed unclear."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MAX_REVISION)
    talked = forms.BooleanField(label="We talked about it", required=False)


class _Unfinished(forms.Field):
    """A field that the page marks as needed, and that a draft may leave empty all the same."""

    def validate(self, value: Any) -> None:
        """Check what is there; what is missing is the review's business."""
        if value not in self.empty_values:
            super().validate(value)


class _TextField(_Unfinished, forms.CharField):
    pass


class _ChoiceField(_Unfinished, forms.ChoiceField):
    pass


def _field(section: Section) -> forms.Field:
    named: dict[str, Any] = {"label": section.label, "help_text": section.hint, "required": not section.optional}
    if section.choices:
        return _ChoiceField(choices=section.choices, widget=forms.RadioSelect, **named)
    attributes = {"rows": section.rows, "data-words": "", "autocomplete": "off", "dir": "auto", "spellcheck": "true"}
    if section.only_if:
        # The style sheet hides it while another answer is chosen and nothing but the placeholder stands there.
        attributes |= {"class": "only-if", "placeholder": " "}
    field = _TextField(strip=False, widget=forms.Textarea(attrs=attributes), **named)
    # Django's own validator speaks of null characters; ours says where, and keeps the rest of the text in place.
    field.validators = []
    return field


def _nul_message(text: str) -> str:
    places = [f"{place:,}" for place, character in enumerate(text, start=1) if character == "\0"]
    return (
        "This text holds a character that nobody can see and that cannot be stored (NUL), as character "
        f"{', '.join(places[:5])}{' and more' if len(places) > 5 else ''}. Please type that place again; "
        "everything else is kept."
    )
