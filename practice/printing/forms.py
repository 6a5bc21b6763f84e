"""What is chosen before something is printed. Forms validate and never save."""

from django import forms

from practice.exporting.forms import ReleaseForm
from practice.printing.purposes import PRINT_WORDS, PrintWhy
from practice.printing.service import Printing


class PrintForm(ReleaseForm):
    """What the paper is for; nothing is chosen beforehand."""

    field_order = ("why", "named", "all_agreed")
    why = forms.ChoiceField(
        label="What is the paper for?",
        help_text="The client reads this in their own log.",
        choices=[(why.value, words) for why, words in PRINT_WORDS.items()],
        widget=forms.RadioSelect,
    )
    named = forms.BooleanField(
        label="The client wants the practice’s name at the foot of each page",
        help_text="Only asked of what the client takes home; other paper has it there.",
        required=False,
    )

    @property
    def printing(self) -> Printing:
        typed = self.cleaned_data
        return Printing(PrintWhy(typed["why"]), named=typed["named"], all_agreed=self.all_agreed_to_it)
