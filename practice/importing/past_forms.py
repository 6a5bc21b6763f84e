"""What is chosen before past notes are brought in, and what the preview asks. Forms validate and never save."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from access.forms import OnceForm, PlainForm
from practice.importing.archives import Room, unpack
from practice.importing.forms import PastDayField
from practice.importing.past import PastRow
from practice.importing.pieces import Piece, read_pieces
from practice.importing.sheets import NotReadable
from practice.policy import LARGEST_PAST

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return all of them."""
        return files.getlist(name)


class FilesField(forms.FileField):
    """One file or several."""

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        """Check each of them."""
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class PastNotesForm(PlainForm):
    """The files, or a ZIP of them."""

    notes = FilesField(
        label="The files, or one ZIP of them",
        help_text=f"Text, DOCX or CSV. Together at most {LARGEST_PAST // 1_048_576} MB.",
        # An empty one among them is told of in the preview.
        allow_empty_file=True,
        widget=_SeveralFiles(attrs={"accept": ".txt,.md,.docx,.csv,.tsv,.zip"}),
        error_messages={
            "required": "Please choose the files. They are never kept, so after signing in they are chosen once more.",
        },
    )

    def __init__(self, data: QueryDict | None, files: "MultiValueDict[str, UploadedFile[bytes]] | None") -> None:
        super().__init__(data, files)

    def clean_notes(self) -> list[Piece]:
        """Return what is in them."""
        files: list[UploadedFile[bytes]] = self.cleaned_data["notes"]
        if sum(file.size or 0 for file in files) > LARGEST_PAST:
            raise forms.ValidationError("Together these files are too large. Please bring them in parts.")
        room = Room()
        try:
            return read_pieces(unpack(((file.name or "", file.read()) for file in files), room), room)
        except NotReadable as error:
            raise forms.ValidationError(str(error)) from error


class BringForm(OnceForm):
    """What the preview showed. The notes travel with the page: the server keeps nothing of them in between.

    :param seen: the fingerprint of what was shown
    """

    parcel = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def facts(self) -> tuple[str, str, UUID]:
        """Return the notes as they travel, what was shown, and the form's own number."""
        typed = self.cleaned_data
        return typed["parcel"], typed["seen"], typed["form"]


class DaysForm(PlainForm):
    """A day for each note that nothing gives one; those left empty stay out."""

    def __init__(self, data: QueryDict | None, rows: Sequence[PastRow]) -> None:
        super().__init__(data)
        for row in rows:
            self.fields[_field(row.number)] = PastDayField(row.piece.where)

    def days(self, rows: Sequence[PastRow]) -> Mapping[int, date]:
        """Return the days by the number of the note."""
        typed = {row.number: self.cleaned_data.get(_field(row.number)) for row in rows}
        return {number: day for number, day in typed.items() if day}


def _field(number: int) -> str:
    return f"day_{number}"
