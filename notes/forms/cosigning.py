"""What a supervisor writes about a note. Forms validate and never save."""

from django import forms

from access.forms import OnceForm
from notes.services.cosigning import LONGEST_WISH


class WishForm(OnceForm):
    """What a supervisor asks the author to change. The page adds the mark of the note that was read."""

    text = forms.CharField(
        label="What should change, and why",
        help_text="The author reads it on Today and beside the note, and answers with an addendum.",
        max_length=LONGEST_WISH,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={"required": "Please write what should change."},
    )
