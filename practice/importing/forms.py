"""What is chosen before clients are brought in, and one row of their list. Forms validate and never save."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from access.fields import VisibleField
from access.forms import OnceForm
from clients.forms import ContactForm, TherapistForm
from clients.services.contacts import Contact
from practice.importing.sheets import NotReadable, decode
from practice.policy import LARGEST_LIST

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from access.models import User

# As lists have them, months first where only the order could tell: the preview spells each day out.
_DAYS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%B %d, %Y", "%b %d, %Y")
_DAYS_IN_WORDS = ("%d %B %Y", "%d %b %Y")
_FIRST_DAY = date(1900, 1, 1)


class PastDayField(forms.DateField):
    """A day of the past, as somebody wrote it into a list."""

    def __init__(self, label: str) -> None:
        words = {"invalid": "Please write this day as 2026-11-18."}
        super().__init__(label=label, required=False, input_formats=(*_DAYS, *_DAYS_IN_WORDS), error_messages=words)

    def clean(self, value: Any) -> date | None:
        """Take no day that is still to come, and none that a slip of the pen put before anybody's time."""
        day: date | None = super().clean(value)
        if day and not _FIRST_DAY <= day <= timezone.localdate():
            raise forms.ValidationError("This day cannot be right. Please write it as 2026-11-18.")
        return day


class RowForm(ContactForm):
    """One row of a list of clients."""

    since = PastDayField("Since")
    signed_on = PastDayField("Signed elsewhere on")
    paper = VisibleField(label="Where the paper is", max_length=200, required=False)
    reference = VisibleField(label="Own reference", max_length=40, required=False)

    def __init__(self, cells: Mapping[str, str]) -> None:
        data = QueryDict(mutable=True)
        data.update(cells)
        super().__init__(data)
        self.fields["address"].required = False
        self.fields["name"].error_messages["required"] = "there is none."

    def clean(self) -> dict[str, object]:
        """Ask for a way to reach somebody, and for both or neither of what is known of an earlier paper."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if not (cleaned.get("address") or cleaned.get("phone") or {"address", "phone"} & self.errors.keys()):
            self.add_error(None, "There is neither an e-mail address nor a phone number.")
        if not {"signed_on", "paper"} & self.errors.keys() and bool(cleaned["signed_on"]) != bool(cleaned["paper"]):
            self.add_error(None, "What was signed elsewhere needs both: the day, and where the paper is.")
        return cleaned

    def problems(self) -> Iterator[str]:
        """Say what is wrong, with the column where it is one column's."""
        for name, errors in self.errors.items():
            label = f"{self.fields[name].label}: " if name in self.fields else ""
            yield from (f"{label}{error}" for error in errors)

    def contact(self) -> Contact:
        """Return the contact with what is known from before."""
        typed = self.cleaned_data
        days = {name: typed[name].isoformat() if typed[name] else "" for name in ("since", "signed_on")}
        name, address, phone = typed["name"], typed["address"], typed["phone"]
        return Contact(name, address, phone, **days, reference=typed["reference"], paper=typed["paper"])


class UploadForm(TherapistForm):
    """The file, and into whose care its clients come."""

    file = forms.FileField(
        label="The list, as a CSV file",
        help_text=f"At most {LARGEST_LIST // 1024} kB.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={
            "required": "Please choose the file. A file is never kept, so after signing in it is chosen once more.",
            "empty": "This file is empty.",
        },
    )
    field_order = ("file", "therapist")

    def __init__(
        self,
        data: QueryDict | None,
        files: "MultiValueDict[str, UploadedFile[bytes]] | None",
        *,
        therapists: "Iterable[User]",
        oneself: "User",
    ) -> None:
        super().__init__(data, therapists=therapists, oneself=oneself)
        self.files = files or MultiValueDict()

    def clean_file(self) -> str:
        """Return its text."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_LIST:
            raise forms.ValidationError("This file is too large to be a list of clients.")
        try:
            return decode(file.read())
        except NotReadable as error:
            raise forms.ValidationError(str(error)) from error


class ConfirmForm(OnceForm):
    """What the preview showed. The list itself travels with the page: the server keeps nothing of it in between.

    :param expected: how many clients the preview said would be brought in
    """

    listed = forms.CharField(widget=forms.HiddenInput, max_length=LARGEST_LIST)
    therapist = forms.UUIDField(widget=forms.HiddenInput)
    expected = forms.IntegerField(widget=forms.HiddenInput)

    def facts(self) -> tuple[str, UUID, UUID, int]:
        """Return the list, the therapist, the form's own number, and how many are expected."""
        typed = self.cleaned_data
        return typed["listed"], typed["therapist"], typed["form"], typed["expected"]
