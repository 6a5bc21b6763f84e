"""What people choose about the supervision of a therapist in training. Forms validate and never save."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.http import QueryDict

from access.forms import PlainForm
from clients.forms import ClientsField, RecipientField
from clients.services.contacts import ListedClient
from clients.services.sharing import Recipient

if TYPE_CHECKING:
    from access.models import User


class SupervisorForm(PlainForm):
    """Who supervises a therapist."""

    def __init__(self, data: QueryDict | None, *, supervisors: "Collection[User]") -> None:
        super().__init__(data)
        self.supervisors = supervisors
        self.fields["supervisor"] = forms.TypedChoiceField(
            label="Supervisor",
            help_text="Another therapist of the practice, who answers for what this one does.",
            choices=[(user.pk, user.display_name) for user in supervisors],
            coerce=UUID,
            widget=forms.RadioSelect,
            error_messages={"required": "Please choose who supervises.", "invalid_choice": "Please choose once more."},
        )


class GiveForm(PlainForm):
    """Which records one's supervisor may read. Restricted ones are named as such, and never ticked beforehand."""

    def __init__(self, data: QueryDict | None, *, supervisor: Recipient | None, listed: Iterable[ListedClient]) -> None:
        rows = list(listed)
        super().__init__(data, initial={"clients": [str(row.client.pk) for row in rows if not row.client.hidden]})
        self.has_clients = bool(rows)
        self.fields["clients"] = clients = ClientsField(rows)
        clients.choices = [(row.client.pk, _described(row)) for row in rows]
        self.fields["to"] = to = RecipientField("My supervisor", [supervisor] if supervisor else [])
        to.widget, to.initial = forms.HiddenInput(), supervisor.seen if supervisor else ""


def _described(row: ListedClient) -> str:
    restricted = ". Kept from managers: tick it only if your supervisor may know" if row.client.hidden else ""
    return f"{row.label}\nCode {row.client.code}{restricted}"
