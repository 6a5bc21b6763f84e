"""What clients and therapists type and choose on these pages. Forms validate and never save."""

from collections.abc import Mapping, Sequence
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict

from access.fields import VisibleField
from access.forms import PlainForm
from clients.forms import ReadersField
from consent.document import Question
from consent.kinds import EMERGENCY_WORDS, Topic
from consent.record import Check
from consent.services.talking import About, Asked

if TYPE_CHECKING:
    from access.models import User

# Two wrong answers, and the limit waits for a talk: a third try would be an exam.
TRIES = 2
_TALK = "to_discuss"
_SHUFFLE = SystemRandom().shuffle


def _words(label: str, *, rows: int, required: bool = True, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=2000, required=required, help_text=help_text, widget=widget)


def _passphrase(why: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label="Your passphrase", max_length=500, strip=False, help_text=why, widget=widget)


class OnceForm(PlainForm):
    """A form with a number of its own: sent twice, it counts once."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ScreenFormsForm(OnceForm):
    version = forms.UUIDField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label="I can read the sample file, and I say yes to screen forms.",
        error_messages={"required": "Please tick the box if you want to go on here, or choose paper below."},
    )


class SectionForm(OnceForm):
    """One question on a limit. The answers are shuffled each time, and none is chosen unless it was given before."""

    version = forms.UUIDField(widget=forms.HiddenInput)
    tries = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0, max_value=TRIES)
    answer = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": "Please choose one of the answers."}
    )

    def __init__(self, question: Question, *args: object, given: Check | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._question = question
        answers = [(answer, answer) for answer in (question.right, *question.wrong)]
        _SHUFFLE(answers)
        talk = (_TALK, "I’d like to talk about this first\nYour therapist will bring it up. You can still go on here.")
        field = self.fields["answer"]
        field.label, field.choices = question.text, [*answers, talk]  # type: ignore[attr-defined]
        if given is not None:
            field.initial = question.right if given is Check.RIGHT else _TALK

    @property
    def check(self) -> Check | None:
        """How the question ended, or None while there is a try left."""
        answer, tries = self.cleaned_data["answer"], self.cleaned_data["tries"]
        if answer == self._question.right:
            return Check.RIGHT
        return Check.TO_DISCUSS if answer == _TALK or tries + 1 >= TRIES else None

    def ask_again(self) -> "SectionForm":
        """Return a fresh form for the next try, nothing chosen, in another order."""
        initial = {"version": self.cleaned_data["version"], "tries": self.cleaned_data["tries"] + 1}
        return SectionForm(self._question, initial=initial)


class QuestionForm(OnceForm):
    text = _words(
        "Your question",
        rows=3,
        help_text="Your therapist answers on your page. Only you and your care team can read it.",
    )


class AskForm(QuestionForm):
    """A question on any part of the text, or on something else."""

    field_order = ("about", "text")
    about = forms.ChoiceField(label="What is it about?")

    def __init__(self, data: QueryDict | None, *, titles: Mapping[About, str], about: str) -> None:
        super().__init__(data, initial={"about": about if about in titles else Topic.OTHER})
        self._titles = titles
        self.fields["about"].choices = [(code.value, title) for code, title in titles.items()]  # type: ignore[attr-defined]

    @property
    def asked(self) -> Asked:
        """What is asked, about what."""
        about = next(code for code in self._titles if code == self.cleaned_data["about"])
        return Asked(about, self.cleaned_data["text"], self.cleaned_data["nonce"])


class AnswerForm(OnceForm):
    question = forms.UUIDField(widget=forms.HiddenInput)
    text = _words("Your answer", rows=3, help_text="The client reads it on their page.")


class SignForm(OnceForm):
    version = forms.UUIDField(widget=forms.HiddenInput)
    meaning = forms.CharField(widget=forms.HiddenInput, max_length=4000)
    name = VisibleField(
        label="Your full name",
        max_length=120,
        help_text="Typing it here is your signature.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    passphrase = _passphrase("Asked once more, so that nobody else signs on your phone.")


class PaperForm(OnceForm):
    """One button: paper, or the screen after all."""

    wants = forms.BooleanField(widget=forms.HiddenInput, required=False)


class ReasonForm(OnceForm):
    """Saying no: a reason helps, and nobody needs one."""

    reason = _words("Why, if you like to say", rows=3, required=False, help_text="Only you and your care team read it.")


class TakeBackForm(ReasonForm):
    passphrase = _passphrase("Asked once more, so that nobody else takes your signature back on your phone.")


class OverrideForm(OnceForm):
    code = forms.ChoiceField(
        label="Why can writing not wait for the signature?",
        choices=[(code.value, words) for code, words in EMERGENCY_WORDS.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="What happened, in one line",
        max_length=300,
        help_text="Sealed in the record, for the care team alone.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    manager_line = forms.CharField(
        label="One line for the manager",
        max_length=60,
        help_text="At most 60 characters, nothing clinical: managers review each emergency reason.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: object, readers: "Sequence[User]" = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if readers:
            self.fields["readers"] = ReadersField(readers, required=True)

    @property
    def confirmed(self) -> frozenset[UUID]:
        """The colleagues whose names were on the page and ticked."""
        return frozenset(self.cleaned_data.get("readers", ()))
