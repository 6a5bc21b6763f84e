"""For whom a text is that was written for the wrong client. Forms validate and never save."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.http import QueryDict

from clients.forms import ReadersField
from notes.forms.moments import SessionForm
from notes.services.carrying import Destination

if TYPE_CHECKING:
    from access.models import User
    from clients.services.contacts import ListedClient
    from notes.models import Written


class CarryForm(SessionForm):
    """Whom it is about, when it was, where, and when the next one is.

    :param clients: to choose from
    :param readers: colleagues who would get the key of a record that is made by this
    """

    field_order = ("client", "session_at", "minutes", "place", "next_at")
    client = forms.TypedChoiceField(
        label="Who is it about?", coerce=UUID, error_messages={"required": "Please choose whom it is about."}
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        source: "Written",
        clients: "Sequence[ListedClient]",
        readers: "Sequence[User]",
        founded_at: datetime,
    ) -> None:
        said = ("session_at", "minutes", "place", "next_at")
        super().__init__(data, founded_at=founded_at, initial={name: getattr(source, name) for name in said})
        if source.note_kind.is_process:
            del self.fields["next_at"]
        named = [(row.client.pk, f"{row.label} ({row.client.code})") for row in clients]
        self.fields["client"].choices = [("", "Choose"), *named]  # type: ignore[attr-defined] # a choice field's
        if readers:
            self.fields["readers"] = ReadersField(readers, required=False)

    def destination(self) -> Destination:
        """Return where the draft is to begin; only for a valid form."""
        chosen = self.cleaned_data
        confirmed = frozenset(chosen.get("readers", ()))
        return Destination(
            client_id=chosen["client"],
            session_at=chosen["session_at"],
            minutes=chosen["minutes"],
            place=chosen["place"],
            next_at=chosen.get("next_at"),
            confirmed=confirmed,
        )
