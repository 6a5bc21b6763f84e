"""For whom a text is that was written for the wrong client. Forms validate and never save."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.http import QueryDict

from clients.forms import ReadersField
from notes.forms.moments import MomentForm
from notes.services.carrying import Destination

if TYPE_CHECKING:
    from access.models import User
    from clients.services.contacts import ListedClient
    from notes.models import Written


class CarryForm(MomentForm):
    """Whom it is about, when it was, and where.

    :param clients: to choose from
    :param readers: colleagues who would get the key of a record that is made by this
    """

    field_order = ("client", "session_at", "minutes", "place")
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
        initial = {"session_at": source.session_at, "minutes": source.minutes, "place": source.place}
        super().__init__(data, founded_at=founded_at, initial=initial)
        named = [(row.client.pk, f"{row.label} ({row.client.code})") for row in clients]
        self.fields["client"].choices = [("", "Choose"), *named]  # type: ignore[attr-defined] # a choice field's
        if readers:
            self.fields["readers"] = ReadersField(readers, required=False)

    def destination(self) -> Destination:
        """Return where the draft is to begin; only for a valid form."""
        chosen = self.cleaned_data
        confirmed = frozenset(chosen.get("readers", ()))
        return Destination(chosen["client"], chosen["session_at"], chosen["minutes"], chosen["place"], confirmed)
