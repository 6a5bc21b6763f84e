"""What a manager chooses and types before the practice's text is published. Forms validate and never save."""

from typing import Any

from django import forms

from access.fields import VisibleField
from access.forms import PlainForm
from consent.kinds import ChangeClass
from consent.services.publishing import Review
from consent.variables import Catalogue, Choices

REVIEWED, NOT_REVIEWED = "reviewed", "not reviewed"
_LOOK_AGAIN = dict.fromkeys(("required", "invalid"), "Please look at the text once more before it is published.")
_MEANS = {
    ChangeClass.MATERIAL: (
        "They are asked to sign it\nThe signature they gave stays good until they do, and your work goes on."
    ),
    ChangeClass.URGENT: (
        "They sign it before the next session\nFrom now on their old signature opens no new session note. For a change "
        "that they have to know of first."
    ),
}


class ChoicesForm(PlainForm):
    """The state, and one sentence for each thing that a practice settles; nothing is chosen that was not before."""

    jurisdiction = forms.ChoiceField(
        label="Which state is your practice in?",
        help_text="Its law decides the questions below. The text names it where it speaks of reports.",
        error_messages={"required": "Please choose your state."},
    )

    def __init__(self, catalogue: Catalogue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._catalogue = catalogue
        states = sorted(
            (_named(name), code) for code, name in catalogue.jurisdictions.items() if code != catalogue.jurisdiction
        )
        field = self.fields["jurisdiction"]
        field.choices = [("", "Choose your state"), *((code, name) for name, code in states)]  # type: ignore[attr-defined]
        for name, topic in catalogue.topics.items():
            if len(topic.options) > 1:
                self.fields[name] = forms.ChoiceField(
                    label=topic.question,
                    help_text=topic.law,
                    choices=[(code, _words(option.label, option.sentences)) for code, option in topic.options.items()],
                    widget=forms.RadioSelect,
                    error_messages={"required": f"Please choose: {topic.question}"},
                )

    @property
    def choices(self) -> Choices:
        """What was chosen, as the values that the text takes."""
        return self._catalogue.choose(**self.cleaned_data)


class ReviewForm(PlainForm):
    """Who looked at the text for the practice, and what it means for those who signed before."""

    base = forms.UUIDField(widget=forms.HiddenInput, error_messages=_LOOK_AGAIN)
    seen = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput, error_messages=_LOOK_AGAIN)
    counsel = VisibleField(
        label="Who reviewed this text for your practice?",
        help_text="The name of a lawyer who knows your state’s law. Leave it empty if nobody has.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reviewed_date = forms.DateField(
        label="On which day?",
        help_text="Within the last twelve months.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Please give the day of the review as year, month and day, such as 2026-11-22."},
    )
    change = forms.ChoiceField(
        label="Clients who signed the version before",
        choices=[(change.value, words) for change, words in _MEANS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose what happens with clients who signed the version before."},
    )
    confirmation = forms.CharField(
        label=f"Type “{REVIEWED}” or “{NOT_REVIEWED}”, whichever is true of this text",
        help_text="Your staff see it beside each consent that is signed under this text.",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": f"Please type “{REVIEWED}” or “{NOT_REVIEWED}”."},
    )

    def __init__(self, *args: Any, is_changed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Where no word changes, nobody is asked to sign again.
        if not is_changed:
            del self.fields["change"]

    def clean(self) -> dict[str, Any]:
        """Hold name, day and the typed word to one another."""
        cleaned = self.cleaned_data
        if not {"counsel", "reviewed_date"} <= cleaned.keys():
            return cleaned
        counsel, day = cleaned["counsel"], cleaned["reviewed_date"]
        if counsel and not day:
            self.add_error("reviewed_date", "Please give the day of the review too.")
        if day and not counsel:
            self.add_error("counsel", "Please give the name of who reviewed it too.")
        typed = " ".join(cleaned.get("confirmation", "").lower().split())
        if typed and typed != (wanted := REVIEWED if counsel or day else NOT_REVIEWED):
            self.add_error(
                "confirmation", f"By what you filled in, this text is {wanted}. Please type that, or correct it."
            )
        return cleaned

    @property
    def change_class(self) -> ChangeClass:
        """What the change means; editorial where there was nothing to choose."""
        return ChangeClass(self.cleaned_data.get("change", ChangeClass.EDITORIAL))

    @property
    def review(self) -> Review | None:
        """The review, or None where nobody has looked."""
        counsel = self.cleaned_data["counsel"]
        return Review(counsel, self.cleaned_data["reviewed_date"]) if counsel else None


def _named(name: str) -> str:
    """Name a state as a list does, without the article that a sentence needs."""
    return name.removeprefix("the ")


def _words(label: str, sentences: Any) -> str:
    return f"{label}\n{' '.join(sentences.values())}"
