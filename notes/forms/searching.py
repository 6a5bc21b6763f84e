"""What is searched for, and where. Forms validate and never save."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from access.fields import HIDDEN, DayField
from access.forms import PlainForm
from notes.kinds import NoteKind
from notes.matching import MAX_WORDS, Query, read_query
from notes.searched import Wanted

_LONGEST = 200
_UNTOLD = {"autocomplete": "off", "dir": "auto"}


class SearchForm(PlainForm):
    """Words, and what narrows the search. A browser is asked not to offer any of it to whoever types here next."""

    words = forms.CharField(
        label="Words",
        help_text="Each is found from its beginning: anx finds anxious. Put a phrase in quotation marks.",
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={**_UNTOLD, "type": "search", "enterkeyhint": "search"}),
        error_messages={"required": "Please type what to search for."},
    )
    client = forms.CharField(
        label="Client",
        required=False,
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={**_UNTOLD, "spellcheck": "false", "placeholder": "Name or code"}),
    )
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "Any kind"), *((kind.value, kind.label) for kind in NoteKind)]
    )
    since = DayField(label="Session since")
    until = DayField(label="Session until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            # Nobody comes here for anything else. Beside results, a phone's keyboard would only cover them.
            self.fields["words"].widget.attrs["autofocus"] = True

    def clean_words(self) -> Query:
        """Read the words and phrases."""
        query = read_query(self.cleaned_data["words"])
        if not query.terms:
            raise ValidationError("There is no word in this. Please type what to search for.")
        if query.count > MAX_WORDS:
            raise ValidationError(f"A search takes up to {MAX_WORDS} words, and these are {query.count}.")
        return query

    def clean_client(self) -> str:
        """Take what was typed without the characters that nobody sees: it is only looked for."""
        return HIDDEN.sub("", self.cleaned_data["client"]).strip()

    def clean_until(self) -> date | None:
        """Take no day before the first one: nothing could ever be found there."""
        since: date | None = self.cleaned_data.get("since")
        until: date | None = self.cleaned_data["until"]
        if since and until and until < since:
            raise ValidationError("This day is before the first one. Choose a later day, or swap the two.")
        return until

    def wanted(self) -> Wanted:
        """Say what to search for; only for a valid form."""
        chosen = self.cleaned_data
        kind = NoteKind(chosen["kind"]) if chosen["kind"] else None
        return Wanted(chosen["words"], chosen["client"], kind, chosen["since"], chosen["until"])
