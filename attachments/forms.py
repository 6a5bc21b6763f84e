"""What somebody chooses and types about a file. Forms validate and never save."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from access.fields import VisibleField
from access.forms import OnceForm, PlainForm
from attachments.incoming import Incoming
from attachments.kinds import LARGEST, Error
from attachments.services.adding import NewFile
from clients.forms import ReadersField

if TYPE_CHECKING:
    from django.http import QueryDict

    from access.models import User

_MEGABYTES = LARGEST // 1024 // 1024
_ACCEPTED = ".pdf,.jpg,.jpeg,.png,.heic,.docx,.odt,.txt"


class ContentField(forms.FileField):
    """A file as it came in, sealed."""

    def __init__(self) -> None:
        super().__init__(
            label="The file",
            help_text=f"PDF, JPEG, PNG, HEIC, DOCX, ODT or plain text. At most {_MEGABYTES} MB.",
            widget=forms.FileInput(attrs={"accept": _ACCEPTED}),
            error_messages={
                "required": "Please choose the file. A file is never kept, so after signing in it is chosen once more.",
                "empty": "This file is empty.",
            },
        )

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[bytes]":
        """Take what is small enough, and something that may be attached by what is in it."""
        file: UploadedFile[bytes] = super().clean(data, initial)
        content = content_of(file)
        if content.is_too_large:
            raise forms.ValidationError(
                f"This file is larger than {_MEGABYTES} MB. Could it be made smaller, or parted?"
            )
        if content.kind is None:
            raise forms.ValidationError(
                "This is none of the kinds of files that can be attached, whatever its name says. Most programs can "
                "save what they show as a PDF."
            )
        return file


class AttachForm(OnceForm):
    """A file, and what it is."""

    file = ContentField()
    description = VisibleField(
        label="What it is",
        max_length=200,
        required=False,
        help_text="Such as: letter of the family doctor, 3 May. Sealed, like the file’s name.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        data: "QueryDict | None",
        files: "MultiValueDict[str, UploadedFile[bytes]]",
        *,
        readers: "Sequence[User]",
    ) -> None:
        super().__init__(data)
        self.files = files
        if readers:
            self.fields["readers"] = ReadersField(readers, required=True)

    @property
    def new_file(self) -> NewFile:
        """What is to be attached."""
        typed, confirmed = self.cleaned_data, frozenset[UUID](self.cleaned_data.get("readers", ()))
        file = typed["file"]
        return NewFile(typed["form"], file.name or "", typed["description"], content_of(file), confirmed)


class RemoveForm(PlainForm):
    """Why a file should not be there."""

    error = forms.TypedChoiceField(
        label="What is wrong with it",
        choices=[(error.value, error.label) for error in Error],
        coerce=Error,
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose what is wrong with it."},
    )


def content_of(file: "UploadedFile[bytes]") -> Incoming:
    """Return what came in with a form's file."""
    content = file.file
    assert isinstance(content, Incoming)  # noqa: S101 (the row of the page has its uploads sealed)
    return content
