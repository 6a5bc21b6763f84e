"""What stands beside the writing: opened when it is shown, and carried into the draft piece by piece."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.requests import ActingRequest
from notes.formats import Section
from notes.forward import add_carried, section_for
from notes.services.beside import GoalBeside, OpenBeside, read_beside, read_goals_beside
from notes.services.finding import AlreadySigned, find_draft

if TYPE_CHECKING:
    from notes.models import Draft

# What stands for the plan where a note has its id.
_GOALS = "plan"


@require_GET
def read(request: ActingRequest, draft_id: UUID, note_id: UUID) -> JsonResponse:
    """Open an earlier note beside a draft; answers are for the page's script."""
    try:
        draft = find_draft(by=request.actor, draft_id=draft_id)
    except AlreadySigned as signed:
        return JsonResponse({"error": str(signed)}, status=410)
    shown = read_beside(by=request.actor, draft=draft, note_id=note_id, at=timezone.now())
    parts = [
        {"name": part.section.name, "label": part.section.label, "text": part.text, "carried": part.carried}
        for part in shown.parts
    ]
    return JsonResponse({"parts": parts, "addenda": len(shown.opened.addenda)})


@require_GET
def read_goals(request: ActingRequest, draft_id: UUID) -> JsonResponse:
    """Open the goals of the plan beside a draft; answers are for the page's script."""
    try:
        draft = find_draft(by=request.actor, draft_id=draft_id)
    except AlreadySigned as signed:
        return JsonResponse({"error": str(signed)}, status=410)
    goals = read_goals_beside(by=request.actor, draft=draft, at=timezone.now())
    parts = [{"name": one.name, "label": one.label, "text": one.text, "carried": one.carried} for one in goals]
    return JsonResponse({"parts": parts, "addenda": 0})


def open_chosen(request: ActingRequest, draft: "Draft") -> OpenBeside | None:
    """Open the note that the address names, which is how a page without scripts shows one."""
    with suppress(KeyError, ValueError):
        note_id = UUID(request.GET["beside"])
        return read_beside(by=request.actor, draft=draft, note_id=note_id, at=timezone.now())
    return None


def open_goals(request: ActingRequest, draft: "Draft") -> list[GoalBeside] | None:
    """Open the goals, if it is these that the address names."""
    if request.GET.get("beside") != _GOALS:
        return None
    return read_goals_beside(by=request.actor, draft=draft, at=timezone.now())


def carry_forward(request: ActingRequest, draft: "Draft", sections: Sequence[Section]) -> QueryDict:
    """Return what was sent, with what a button carries into it from beside, if one was pressed."""
    source, name = _pressed(request)
    if not source:
        return request.POST
    sent, into = request.POST.copy(), section_for(name, sections)
    sent[into] = add_carried(sent.get(into, ""), _carried(request, draft, source, name))
    return sent


def lead_back(request: ActingRequest, draft: "Draft", sections: Sequence[Section]) -> HttpResponse | None:
    """Lead back to the writing, to where something was carried to, after a button of what stands beside it."""
    source, name = _pressed(request)
    beside = source or request.POST.get("beside")
    if not beside:
        return None
    place = f"#id_{section_for(name, sections)}" if source else "#beside"
    return redirect(f"{reverse('notes:write', args=[draft.pk])}?beside={beside}{place}")


def _carried(request: ActingRequest, draft: "Draft", source: UUID | str, name: str) -> str:
    if isinstance(source, UUID):
        shown = read_beside(by=request.actor, draft=draft, note_id=source, at=timezone.now())
        return shown.carried(name)
    goals = read_goals_beside(by=request.actor, draft=draft, at=timezone.now())
    return next((one.carried for one in goals if one.name == name), "")


def _pressed(request: ActingRequest) -> tuple[UUID | str, str]:
    """Say what was pressed: a note's section, a goal, or nothing."""
    source, _, name = request.POST.get("carry", "").partition("/")
    if source == _GOALS:
        return source, name
    with suppress(ValueError):
        return UUID(source), name
    return "", ""
