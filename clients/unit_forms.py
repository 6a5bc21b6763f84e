"""What is chosen about couples, families and groups. Forms validate and never save."""

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.http import QueryDict

from access.fields import VisibleField
from access.forms import OnceForm, PlainForm
from clients.kinds import TOGETHER, ClientKind
from clients.services.contacts import ListedClient
from clients.services.units import NewUnit

_CHANGED = "Your list of clients has changed since the page was shown. Please look again."


def _people(listed: Iterable[ListedClient]) -> list[tuple[UUID, str]]:
    return [(row.client.pk, f"{row.label}\nCode {row.client.code}") for row in listed]


class UnitForm(OnceForm):
    """Who comes together, and what their record is called."""

    kind = forms.ChoiceField(
        label="Who are they?",
        choices=[(kind.value, kind.value.capitalize()) for kind in TOGETHER],
        widget=forms.RadioSelect,
    )
    name = VisibleField(
        label="What the record is called",
        help_text="Managers read it, and whoever cares for all of them with you. It need not name anybody.",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None, *, listed: Iterable[ListedClient]) -> None:
        super().__init__(data)
        self.fields["members"] = forms.TypedMultipleChoiceField(
            label="Who belongs",
            choices=_people(listed),
            coerce=UUID,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Please tick who comes.", "invalid_choice": _CHANGED},
        )

    def new_unit(self) -> NewUnit:
        """Return what is to be made."""
        typed = self.cleaned_data
        return NewUnit(ClientKind(typed["kind"]), typed["name"], frozenset(typed["members"]), typed["form"])


class MemberForm(PlainForm):
    """Who comes too; nobody is chosen beforehand."""

    def __init__(self, data: QueryDict | None, *, listed: Iterable[ListedClient]) -> None:
        super().__init__(data)
        self.fields["client"] = forms.TypedChoiceField(
            label="Who comes too",
            choices=_people(listed),
            coerce=UUID,
            widget=forms.RadioSelect,
            error_messages={"required": "Please choose who comes.", "invalid_choice": _CHANGED},
        )


class LeaveForm(PlainForm):
    """Who no longer comes."""

    member = forms.UUIDField(widget=forms.HiddenInput)
