"""What clients and therapists choose and type about questionnaires. Forms validate and never save."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms

from access.forms import OnceForm, PlainForm
from clients.forms import ReadersField
from measures.instruments import Instrument, Question, instruments
from measures.services.asking import Filled
from measures.services.closing import LONGEST, Done

if TYPE_CHECKING:
    from django.http import QueryDict

    from access.models import User

_RATHER_NOT = "-"


class AnswerField(forms.TypedChoiceField):
    """One question. Nothing is chosen beforehand, and leaving it out is a choice like any other."""

    def __init__(self, question: Question, *, label: str, rather_not: str) -> None:
        choices = [*((str(place), words) for place, words in enumerate(question.choices)), (_RATHER_NOT, rather_not)]
        super().__init__(
            label=label,
            choices=choices,
            coerce=lambda value: None if value == _RATHER_NOT else int(value),
            widget=forms.RadioSelect,
            error_messages={"required": "Please choose one of the answers; the last one leaves it out."},
        )


class ItemForm(PlainForm):
    """One question, alone on its page."""

    def __init__(self, data: "QueryDict | None", *, question: Question) -> None:
        super().__init__(data)
        self.fields["answer"] = AnswerField(question, label=question.text, rather_not="I’d rather not answer this one")

    def show_given(self, given: Mapping[int, int | None], number: int) -> None:
        """Let what was answered to this question before stand there."""
        if number in given:
            value = given[number]
            self.initial["answer"] = _RATHER_NOT if value is None else str(value)


class TogetherForm(OnceForm):
    """All questions on one page, for a therapist who asks them in the room."""

    def __init__(self, data: "QueryDict | None", *, instrument: Instrument) -> None:
        super().__init__(data)
        self.instrument = instrument
        for number, question in enumerate(instrument.questions, start=1):
            label = f"{number}. {question.text}"
            self.fields[f"answer_{number}"] = AnswerField(question, label=label, rather_not="Left out")

    @property
    def filled(self) -> Filled:
        """What was answered."""
        numbers = range(1, len(self.instrument.questions) + 1)
        answers = [self.cleaned_data[f"answer_{number}"] for number in numbers]
        return Filled(self.cleaned_data["form"], self.instrument, answers)


class AskForm(PlainForm):
    """Which questionnaire."""

    instrument = forms.ChoiceField()

    def __init__(self, data: "QueryDict") -> None:
        super().__init__(data)
        self.fields["instrument"].choices = [(code, one.name) for code, one in instruments().items()]  # type: ignore[attr-defined] # a choice field's

    @property
    def chosen(self) -> Instrument:
        """The questionnaire."""
        return instruments()[self.cleaned_data["instrument"]]


class CloseForm(PlainForm):
    """What was done."""

    words = forms.CharField(
        label="What was done",
        max_length=LONGEST,
        required=False,
        help_text="Sealed in the record, for the care team. It is kept and not changed.",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )

    def __init__(self, data: "QueryDict | None", *, readers: "Sequence[User]") -> None:
        super().__init__(data)
        if readers:
            self.fields["readers"] = ReadersField(readers, required=True)

    def ask_for_words(self) -> None:
        """Say on the page that this one is not closed without a word; the service holds to it."""
        self.fields["words"].required = True

    @property
    def done(self) -> Done:
        """What was done, and which names were ticked."""
        confirmed: frozenset[UUID] = frozenset(self.cleaned_data.get("readers", ()))
        return Done(self.cleaned_data["words"], confirmed)
