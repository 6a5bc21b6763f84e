"""What was ticked at a sitting. Forms validate and never save."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from access.forms import PlainForm
from notes.forms.texts import MAX_REVISION
from notes.services.sitting import AT_ONCE, Ticked

_INCOMPLETE = "This page came back incomplete. Please open it again and try once more."


class TickedField(forms.Field):
    """Ticks that the page itself makes from what it shows, such as a draft with its revision."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        """Take no more than a page has."""
        ticked = [str(one) for one in value or ()]
        if len(ticked) > AT_ONCE:
            raise ValidationError(_INCOMPLETE)
        return ticked


class SittingForm(PlainForm):
    """The drafts to sign, each under the revision that was read, and the talks that were had."""

    drafts = TickedField(
        required=True, error_messages={"required": "Tick the notes that you have read and want to sign."}
    )
    talked = TickedField(required=False)

    def clean_drafts(self) -> list[tuple[UUID, int]]:
        """Read each draft and its revision."""
        try:
            parts = [one.split(":") for one in self.cleaned_data["drafts"]]
            drafts = [(UUID(draft), int(revision)) for draft, revision in parts]
        except ValueError as broken:
            raise ValidationError(_INCOMPLETE) from broken
        if not all(0 <= revision <= MAX_REVISION for _, revision in drafts):
            raise ValidationError(_INCOMPLETE)
        return drafts

    def ticked(self) -> list[Ticked]:
        """Return what to sign, in the order of the page; only for a valid form."""
        talked = set(self.cleaned_data["talked"])
        return [Ticked(draft, revision, str(draft) in talked) for draft, revision in self.cleaned_data["drafts"]]
