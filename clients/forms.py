"""What people type about clients. Forms validate and never save."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.http import QueryDict

from access.fields import PhoneField, VisibleField
from access.forms import OnceForm, PlainForm, ShortCodeForm
from clients.services.contacts import Contact, ListedClient
from clients.services.correcting import Correction
from clients.services.handing import BATCH
from clients.services.inviting import NewClient
from clients.services.sharing import Recipient

if TYPE_CHECKING:
    from access.models import User


_SEEN = re.compile(r"[0-9a-f]{64}")


class _Shown:
    """Takes what any page may have carried: whether it is still who was shown is the service's to say, and to log."""

    def valid_value(self, value: str) -> bool:
        """Say whether it can be the mark of a recipient."""
        return _SEEN.fullmatch(value) is not None


class RecipientField(_Shown, forms.ChoiceField):
    """One colleague, by the mark that stands for this person, this name and these keys."""

    def __init__(self, label: str, recipients: Iterable[Recipient]) -> None:
        super().__init__(
            label=label,
            choices=[(recipient.seen, recipient.name) for recipient in recipients],
            widget=forms.RadioSelect,
            error_messages={"required": "Please choose a colleague."},
        )


class RecipientsField(_Shown, forms.MultipleChoiceField):
    """Who gets a key: one tick for each, none beforehand."""

    def __init__(self, recipients: Iterable[Recipient], *, label: str = "Who gets the key") -> None:
        super().__init__(
            label=label,
            choices=[(recipient.seen, _described(recipient)) for recipient in recipients],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Please tick who gets the key."},
        )


class ReasonField(VisibleField):
    """Why something cannot wait, in one line that says something."""

    def __init__(self, *, label: str, help_text: str) -> None:
        super().__init__(
            label=label,
            help_text=f"From 20 to 500 characters. {help_text}",
            min_length=20,
            max_length=500,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )


def _described(recipient: Recipient) -> str:
    return f"{recipient.name}\nWaits for {recipient.wants}" if recipient.lacks else recipient.name


class ShareForm(PlainForm):
    """Passing keys on."""

    def __init__(self, data: QueryDict | None, *, recipients: Iterable[Recipient]) -> None:
        super().__init__(data)
        self.fields["recipients"] = RecipientsField(recipients)

    @property
    def seen(self) -> frozenset[str]:
        """Return the marks of who was ticked."""
        return frozenset(self.cleaned_data["recipients"])


class HandOverForm(PlainForm):
    """To whom a client goes."""

    def __init__(self, data: QueryDict | None, *, colleagues: Iterable[Recipient]) -> None:
        super().__init__(data)
        self.fields["to"] = RecipientField("To whom", colleagues)


class ClientsField(forms.TypedMultipleChoiceField):
    """Some clients of a list."""

    def __init__(self, listed: Iterable[ListedClient]) -> None:
        super().__init__(
            label="Which clients",
            choices=[(row.client.pk, f"{row.label}\nCode {row.client.code}") for row in listed],
            coerce=UUID,
            help_text=f"{BATCH} are done at a time; with more, the next page goes on.",
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": "Please tick at least one client.",
                "invalid_choice": "The list has changed since the page was shown. Please look again.",
            },
        )


class HandOverCaseloadForm(HandOverForm):
    """Several clients of one's own, to one colleague."""

    def __init__(
        self, data: QueryDict | None, *, colleagues: Iterable[Recipient], listed: Iterable[ListedClient]
    ) -> None:
        super().__init__(data, colleagues=colleagues)
        self.fields["clients"] = ClientsField(listed)
        self.order_fields(["clients", "to"])


class RecoveryForm(PlainForm):
    """Whether the practice recovery key opens an author's own notes."""

    recoverable = forms.TypedChoiceField(
        choices=[("True", "yes"), ("False", "no")], coerce=lambda text: text == "True", widget=forms.HiddenInput
    )


class TherapistForm(PlainForm):
    """Whose care a client comes into. Nobody is chosen beforehand but the only one there is, or oneself."""

    def __init__(self, data: QueryDict | None, *, therapists: "Iterable[User]", oneself: "User | None" = None) -> None:
        super().__init__(data)
        choices = [(str(user.pk), user.display_name) for user in therapists]
        self.fields["therapist"] = forms.ChoiceField(
            label="Therapist",
            choices=choices if len(choices) == 1 else [("", "Choose…"), *choices],
            initial=str(oneself.pk) if oneself else "",
            error_messages={"required": "Please choose a therapist."},
        )
        self.order_fields(self.field_order)


class MoveCaseloadForm(TherapistForm):
    """Several clients of a colleague, into another therapist's care."""

    field_order = ("clients", "therapist")

    def __init__(self, data: QueryDict | None, *, therapists: "Iterable[User]", listed: Iterable[ListedClient]) -> None:
        super().__init__(data, therapists=therapists)
        self.fields["clients"] = ClientsField(listed)
        self.order_fields(self.field_order)


class ContactForm(PlainForm):
    """How the practice reaches a client."""

    name = VisibleField(label="Name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    address = forms.EmailField(
        label="E-mail address",
        help_text="A mailbox that only the client reads. The link goes there; the code never does.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = PhoneField(label="Phone", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def contact(self) -> Contact:
        """Return the contact, as typed."""
        typed = self.cleaned_data
        return Contact(typed["name"], typed.get("address", ""), typed.get("phone", ""))


class ReadersField(forms.TypedMultipleChoiceField):
    """Who else will be able to open a record that is made now: one tick for each colleague, none beforehand."""

    def __init__(self, readers: "Iterable[User]", *, required: bool) -> None:
        super().__init__(
            label="This makes the record. Who else will be able to open it",
            choices=[(user.pk, user.display_name) for user in readers],
            coerce=UUID,
            required=required,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Please confirm who else will be able to open this record."},
        )


class InviteForm(OnceForm, ContactForm, TherapistForm):
    """A new client."""

    hidden = forms.BooleanField(
        label="Keep this client from managers",
        help_text="Only the care team will know of this record. Managers can then not help if you are away.",
        required=False,
    )
    field_order = ("form", "name", "address", "phone", "therapist", "hidden")

    def __init__(
        self, data: QueryDict | None, *, therapists: "Iterable[User]", oneself: "User", may_hide: bool
    ) -> None:
        super().__init__(data, therapists=therapists, oneself=oneself)
        if not may_hide:
            del self.fields["hidden"]

    def new_client(self) -> NewClient:
        """Return whom to invite, as typed."""
        typed = self.cleaned_data
        return NewClient(self.contact(), UUID(typed["therapist"]), typed.get("hidden", False), typed["form"])


class CorrectForm(OnceForm, ContactForm):
    """A contact, put right. `seen` says from which writing of it the form was filled in."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, initial: dict[str, str], is_unit: bool) -> None:
        super().__init__(data, initial=initial)
        if is_unit:
            # Each of its members is reached for themselves.
            del self.fields["address"], self.fields["phone"]

    def correction(self) -> Correction:
        """Return what the contact should be, as typed."""
        return Correction(self.contact(), self.cleaned_data["seen"], self.cleaned_data["form"])


class JoinForm(ShortCodeForm):
    """A second invitation, for somebody who has an account."""

    link = forms.CharField(
        label="The link you were sent",
        help_text="Copy the whole address from the message.",
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    field_order = ("link", "code")

    def clean_link(self) -> str:
        """Return the token, which is the last part of the address."""
        return str(self.cleaned_data["link"]).split("?")[0].rstrip("/").rpartition("/")[2]
