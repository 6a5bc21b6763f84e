"""What stands beside the writing: opened when it is shown, and carried into the draft section by section."""

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
from notes.services.beside import OpenBeside, read_beside
from notes.services.finding import AlreadySigned, find_draft

if TYPE_CHECKING:
    from notes.models import Draft


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


def open_chosen(request: ActingRequest, draft: "Draft") -> OpenBeside | None:
    """Open the note that the address names, which is how a page without scripts shows one."""
    with suppress(KeyError, ValueError):
        note_id = UUID(request.GET["beside"])
        return read_beside(by=request.actor, draft=draft, note_id=note_id, at=timezone.now())
    return None


def carry_forward(request: ActingRequest, draft: "Draft", sections: Sequence[Section]) -> QueryDict:
    """Return what was sent, with the section below it that a button carries forward, if one was pressed."""
    note_id, name = _pressed(request)
    if note_id is None:
        return request.POST
    sent, into = request.POST.copy(), section_for(name, sections)
    shown = read_beside(by=request.actor, draft=draft, note_id=note_id, at=timezone.now())
    sent[into] = add_carried(sent.get(into, ""), shown.carried(name))
    return sent


def lead_back(request: ActingRequest, draft: "Draft", sections: Sequence[Section]) -> HttpResponse | None:
    """Lead back to the writing, to where something was carried to, after a button of what stands beside it."""
    note_id, name = _pressed(request)
    beside = note_id or request.POST.get("beside")
    if not beside:
        return None
    place = f"#id_{section_for(name, sections)}" if note_id else "#beside"
    return redirect(f"{reverse('notes:write', args=[draft.pk])}?beside={beside}{place}")


def _pressed(request: ActingRequest) -> tuple[UUID | None, str]:
    note_id, _, name = request.POST.get("carry", "").partition("/")
    with suppress(ValueError):
        return UUID(note_id), name
    return None, ""
