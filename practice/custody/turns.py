"""What is typed at each step of a release, and what is done with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict

from access.acting import Actor
from clients.custody_forms import AskForm, StageForm
from clients.kinds import Step
from clients.services.releasing import ask_release, confirm_release
from clients.services.sharing import recipient_of
from clients.services.stages import Stage, Turn, needs_sheets
from keys.services import recovery_plan
from practice.custody.leading import confirm_by_sheets, give_by_sheets
from practice.recovery.forms import SheetsForm

if TYPE_CHECKING:
    from clients.models.custody import Will

_GIVEN: Mapping[Step, str] = {
    Step.CONTACTS: "can reach the clients from now on. Each finds a letter on their page.",
    Step.NOTES: "can read the notes from now on. Each client finds a letter on their page.",
}


class SheetsStageForm(SheetsForm, StageForm):
    """Sheets, for the step that stood on the page."""


class GiveForm(SheetsStageForm):
    """Sheets, and to whom: the custodian and the keys that were shown."""

    keys_seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


def form_for(*, by: Actor, will: "Will", stage: Stage, data: QueryDict | None) -> StageForm | None:
    """Choose the form of what comes next for this person; none where nothing does, or it is somebody else's turn."""
    initial = {"seen": stage.mark, "keys_seen": recipient_of(will.custodian, None).seen}
    given: dict[str, Any] = {"data": data, "initial": initial}
    count, _ = recovery_plan() or (0, 0)
    match stage.turn:
        case Turn.ASK if will.accepted_at:
            return AskForm(**given)
        case Turn.GIVE:
            return GiveForm(**given, count=count)
        case Turn.CONFIRM if _confirms_with_sheets(will, stage):
            return SheetsStageForm(**given, count=count)
        case Turn.CONFIRM if stage.release and stage.release.asked_by != by.user:
            return StageForm(**given)
    return None


def send(form: StageForm, *, by: Actor, will: "Will", stage: Stage, at: datetime) -> str:
    """Take the next step with what was typed.

    :returns: what was done, for the page
    :raises Refusal: in many kinds; nothing was changed
    """
    typed, seen = form.cleaned_data, form.cleaned_data["seen"]
    if isinstance(form, AskForm):
        ask_release(by=by, will=will, seen=seen, because=form.because(), at=at)
        return "Asked. Somebody else confirms it now, and the therapist is told."
    if isinstance(form, GiveForm):
        codes, keys_seen = form.codes(), typed["keys_seen"]
        left = give_by_sheets(by=by, will=will, seen=seen, keys_seen=keys_seen, codes=codes, at=at)
        closed = f" These could not be opened: {', '.join(left)}." if left else ""
        return f"{will.custodian.display_name} {_GIVEN[stage.step]}{closed}"
    if isinstance(form, SheetsStageForm):
        confirm_by_sheets(by=by, will=will, seen=seen, codes=form.codes(), at=at)
    else:
        confirm_release(by=by, will=will, seen=seen, at=at)
    return "Confirmed. The waiting time has begun, and the therapist is told."


def _confirms_with_sheets(will: "Will", stage: Stage) -> bool:
    return stage.release is not None and needs_sheets(will, stage.release)
