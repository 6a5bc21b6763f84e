"""The wording of a format, typed as a list of its sections. Forms validate and never save."""

import re
import unicodedata
from collections.abc import Iterator

from django import forms
from django.core.exceptions import ValidationError

from access.cleaning import clean_text
from access.fields import VisibleField
from access.forms import OnceForm, PlainForm
from notes.published import SAFETY_QUESTION
from notes.services.own_formats import Listed, Part, Wording

_MOST_SECTIONS, _LONGEST_LABEL, _LONGEST_HINT = 12, 60, 160
_LINE = re.compile(r"(?P<label>[^:]+?)\s*(?P<optional>\(optional\))?\s*(?::\s*(?P<hint>.*))?")
# Names that the page of a draft sends for itself, and those of the question that comes last in a session.
_TAKEN = frozenset({"revision", "format", "reformat", "beside", "carry", "stay", "leave", "csrfmiddlewaretoken"})
_TAKEN |= {section.name for section in SAFETY_QUESTION}


class FormatForm(OnceForm):
    """A format, and the version that stood on the page; `form` names the format itself."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=30_000, initial=0)
    label = VisibleField(label="Name", max_length=60, help_text="As you will choose it.")
    sections = forms.CharField(
        label="Sections",
        help_text=(
            "One a line. After a colon comes a hint, if you like one. What may stay empty ends with (optional), before "
            "the colon. Write nothing about a client here."
        ),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "true", "dir": "auto"}),
    )
    for_all = forms.BooleanField(
        label="For the whole practice", help_text="Colleagues can choose it; managers can change it.", required=False
    )

    def __init__(self, *args: object, chooses: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not chooses:
            del self.fields["for_all"]

    def clean_sections(self) -> tuple[Part, ...]:
        """Read the sections, line by line."""
        lines = [line.strip() for line in clean_text(self.cleaned_data["sections"]).splitlines() if line.strip()]
        if len(lines) > _MOST_SECTIONS:
            raise ValidationError(f"A format has up to {_MOST_SECTIONS} sections, and these are {len(lines)}.")
        parts = tuple(_parts(lines))
        if len({part.label.casefold() for part in parts}) < len(parts):
            raise ValidationError("Two sections have the same name. Give each its own.")
        return parts

    def wording(self, *, for_all: bool) -> Wording:
        """Return what was typed; only for a valid form."""
        return Wording(self.cleaned_data["label"], self.cleaned_data["sections"], for_all=for_all)


class WithdrawForm(PlainForm):
    """Which format is to be offered no longer."""

    family = forms.UUIDField(widget=forms.HiddenInput)


def initial_of(listed: Listed) -> dict[str, object]:
    """Fill the form with the version that there is."""
    version = listed.version
    lines = "\n".join(_line(part) for part in listed.parts)
    return {"form": version.family, "number": version.number, "label": version.label, "sections": lines}


def _line(part: Part) -> str:
    optional, hint = " (optional)" if part.optional else "", f": {part.hint}" if part.hint else ""
    return f"{part.label}{optional}{hint}"


def _parts(lines: list[str]) -> Iterator[Part]:
    names: set[str] = set()
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line)
        if not found or len(found["label"]) > _LONGEST_LABEL or len(found["hint"] or "") > _LONGEST_HINT:
            raise ValidationError(
                f"Line {number}: please write a name of up to {_LONGEST_LABEL} characters, then, after a colon, a hint "
                f"of up to {_LONGEST_HINT}."
            )
        name = _name(found["label"], number, names)
        names.add(name)
        yield Part(name, found["label"], found["hint"] or "", bool(found["optional"]))


def _name(label: str, number: int, taken: set[str]) -> str:
    # Of the label, so that a plan is carried into a plan whichever format it stood in.
    ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")
    return f"part_{number}" if not name or name in _TAKEN | taken else name
