"""When a session together was, and who was there. Forms validate and never save."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.http import QueryDict

from clients.forms import ReadersField
from notes.forms.moments import SessionForm, this_minute
from notes.kinds import NoteKind
from notes.services.drafting import Plan

if TYPE_CHECKING:
    from access.models import User
    from clients.services.units import Seat


class TogetherForm(SessionForm):
    """A session together: a part is begun for each who is ticked. The next one is theirs in common."""

    def __init__(
        self, data: QueryDict | None, *, founded_at: datetime, seats: "Sequence[Seat]", readers: "Sequence[User]"
    ) -> None:
        super().__init__(data, founded_at=founded_at, initial={"session_at": this_minute()})
        self.fields["present"] = forms.TypedMultipleChoiceField(
            label="Who was there",
            help_text="For each of them you write a part, which lies in their own record and nowhere else.",
            choices=[(seat.member.client_id, seat.label) for seat in seats],
            coerce=UUID,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Please tick who was there."},
        )
        if readers:
            self.fields["readers"] = ReadersField(readers, required=True)

    def plan(self) -> Plan:
        """Return when it was, and when the next one is."""
        typed = self.cleaned_data
        readers = frozenset(typed.get("readers", ()))
        when = {name: typed[name] for name in ("session_at", "minutes", "place", "next_at")}
        return Plan(NoteKind.SESSION, **when, confirmed=readers)
