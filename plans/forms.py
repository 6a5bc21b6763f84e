"""What therapists type into a plan. Forms validate and never save."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from access.cleaning import clean_text
from access.fields import DayField
from access.forms import OnceForm
from clients.forms import ReadersField
from plans.goals import Goal, GoalStatus, Step
from plans.services.reading import OpenPlan
from plans.services.writing import Proposal

if TYPE_CHECKING:
    from access.models import User

_MOST_GOALS, _MOST_STEPS = 12, 20
_LONGEST_GOAL, _LONGEST_STEP = 500, 300
_BLANK = 1
_LONGEST_PAUSE_YEARS = 2
# "[x] done", "[ ] open", "- open" or plain words.
_STEP = re.compile(r"(?:[-*] )?\s*(?:\[(?P<mark>[ xX]?)\])?\s*(?P<words>.*)")


class TickForm(OnceForm):
    """Which steps are done, upon which version."""

    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=30_000, initial=0)

    def proposal(self) -> Proposal:
        """Return upon what it was ticked; only for a valid form."""
        return Proposal(self.cleaned_data["form"], self.cleaned_data["after"], ())


class PlanForm(TickForm):
    """Goals, each with its steps and how it stands. An emptied goal is taken out.

    :param shown: how many goals have fields, some of them blank
    """

    shown = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=_MOST_GOALS)
    review_date = DayField(
        label="Look at it again on", help_text="From that day on it stands on your first page, until you have."
    )

    def __init__(self, data: QueryDict | None, *, shown: int, readers: "Sequence[User]", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.setdefault("shown", shown)
        self._places = range(shown)
        for place in self._places:
            self.fields |= _fields_of_goal(place)
        if readers:
            self.fields["readers"] = ReadersField(readers, required=True)

    @property
    def goals(self) -> list[list[forms.BoundField]]:
        """The fields of each goal."""
        return [[self[f"{name}_{place}"] for name in ("key", "words", "status", "steps")] for place in self._places]

    def clean_review_date(self) -> date | None:
        """Refuse a day that is over, and a year that is a typing error."""
        day: date | None = self.cleaned_data["review_date"]
        today = timezone.localdate()
        if day and not today <= day <= today.replace(year=today.year + _LONGEST_PAUSE_YEARS, day=1):
            raise ValidationError("This day is over, or more than two years away. Please choose another, or none.")
        return day

    def clean(self) -> dict[str, Any]:
        """Put each goal together, and say beside it what is wrong with it."""
        cleaned = super().clean() or {}
        goals = [goal for place in self._places if (goal := self._goal(cleaned, place))]
        if not goals and not self.errors:
            self.add_error("words_0", "Please write at least one goal.")
        keys = {goal.key for goal in goals}
        if len(keys) < len(goals):
            raise ValidationError("Two goals of this page are one. Please open the plan anew.")
        return {**cleaned, "goals": tuple(goals)}

    def proposal(self) -> Proposal:
        """Return what was typed; only for a valid form."""
        said = self.cleaned_data
        confirmed: frozenset[UUID] = frozenset(said.get("readers", ()))
        return Proposal(said["form"], said["after"], said["goals"], said["review_date"], confirmed)

    def stand_upon(self, number: int) -> None:
        """Let what is sent next follow this version, as a page of its own."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["after"], data["form"] = str(number), str(uuid4())
        self.data = data

    def _goal(self, cleaned: dict[str, Any], place: int) -> Goal | None:
        words = " ".join(clean_text(cleaned.get(f"words_{place}") or "").split())
        steps = self._steps(cleaned, place)
        if words:
            status = GoalStatus(cleaned.get(f"status_{place}") or GoalStatus.ACTIVE)
            return Goal(cleaned.get(f"key_{place}") or uuid4(), words, status, steps)
        if steps and f"words_{place}" not in self.errors:
            self.add_error(f"words_{place}", "Please say what these steps lead to, or empty them too.")
        return None

    def _steps(self, cleaned: dict[str, Any], place: int) -> tuple[Step, ...]:
        steps = tuple(_steps_in(cleaned.get(f"steps_{place}") or ""))
        if len(steps) > _MOST_STEPS or any(len(step.words) > _LONGEST_STEP for step in steps):
            most = f"Up to {_MOST_STEPS} steps, of up to {_LONGEST_STEP} characters each. Nothing was cut."
            self.add_error(f"steps_{place}", most)
        return steps


def form_for(opened: OpenPlan | None, *, readers: "Sequence[User]") -> PlanForm:
    """Fill the form with the plan that there is, and leave room for more."""
    goals = opened.goals if opened else ()
    initial: dict[str, Any] = {"after": opened.latest.number, "review_date": _day_to_come(opened)} if opened else {}
    for place, goal in enumerate(goals):
        said = {"key": goal.key, "words": goal.words, "status": goal.status.value, "steps": _lines(goal.steps)}
        initial |= {f"{name}_{place}": value for name, value in said.items()}
    return PlanForm(None, shown=min(len(goals) + _BLANK, _MOST_GOALS), readers=readers, initial=initial)


def form_of(data: QueryDict, *, readers: "Sequence[User]") -> PlanForm:
    """Read what was sent; with the button for one more goal, show it once more with room for that."""
    try:
        shown = max(1, min(int(str(data["shown"])), _MOST_GOALS))
    except (KeyError, ValueError):
        shown = 1
    if "more" not in data:
        return PlanForm(data, shown=shown, readers=readers)
    shown = min(shown + 1, _MOST_GOALS)
    initial = {**data.dict(), "shown": shown, "readers": data.getlist("readers")}
    form = PlanForm(None, shown=shown, readers=readers, initial=initial)
    form.fields[f"words_{shown - 1}"].widget.attrs["autofocus"] = True
    return form


def _fields_of_goal(place: int) -> dict[str, forms.Field]:
    typed = {"autocomplete": "off", "dir": "auto", "spellcheck": "true"}
    return {
        f"key_{place}": forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False),
        f"words_{place}": forms.CharField(
            label=f"Goal {place + 1}",
            required=False,
            max_length=_LONGEST_GOAL,
            widget=forms.Textarea(attrs={"rows": 2, **typed}),
        ),
        f"status_{place}": forms.ChoiceField(
            label="It is",
            required=False,
            choices=[(status.value, status.label) for status in GoalStatus],
            widget=forms.Select(attrs={"class": "short"}),
        ),
        f"steps_{place}": forms.CharField(
            label="Steps",
            help_text="One a line. Those that are done begin with [x].",
            required=False,
            max_length=_MOST_STEPS * (_LONGEST_STEP + 10),
            widget=forms.Textarea(attrs={"rows": 3, **typed}),
        ),
    }


def _steps_in(text: str) -> Iterator[Step]:
    for line in clean_text(text).splitlines():
        found = _STEP.fullmatch(line.strip())
        if found and found["words"]:
            yield Step(found["words"], (found["mark"] or "").lower() == "x")


def _lines(steps: Sequence[Step]) -> str:
    return "\n".join(f"[x] {step.words}" if step.is_done else step.words for step in steps)


def _day_to_come(opened: OpenPlan) -> date | None:
    day = opened.latest.review_date
    return day if day and day >= timezone.localdate() else None
