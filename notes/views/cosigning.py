"""What a supervisor does with the notes of a colleague in training: reads, co-signs, asks for changes."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from access.requests import ActingRequest
from clients.services.finding import in_care_of
from notes.forms.cosigning import WishForm
from notes.services.cosigning import (
    ChangedMeanwhile,
    NothingWaits,
    ask_for_changes,
    browse_supervised_notes,
    browse_to_cosign,
    cosign_note,
    read_as_supervisor,
    reads_by_care_alone,
)

_View = Callable[[ActingRequest, UUID], HttpResponse]


def _unless_by_care(view: _View) -> _View:
    """Lead whoever reads a note by care alone to its page there: nobody supervises themselves."""

    @wraps(view)
    def led(request: ActingRequest, note_id: UUID) -> HttpResponse:
        if reads_by_care_alone(by=request.actor, note_id=note_id):
            return redirect("notes:read", note_id)
        return view(request, note_id)

    return led


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """List what a colleague in training signed about a client."""
    if in_care_of(request.actor).filter(client=client_id).exists():
        return redirect("notes:overview", client_id)
    supervised = browse_supervised_notes(by=request.actor, client_id=client_id, at=timezone.now())
    return render(request, "notes/browse_supervised.html", {"supervised": supervised})


@require_GET
@_unless_by_care
def read(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Show a note to the supervisor of its author."""
    return _read(request, note_id)


@require_POST
@_unless_by_care
def cosign(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Co-sign a note, and go on with the next that waits."""
    try:
        cosign_note(by=request.actor, note_id=note_id, seen=request.POST.get("seen", ""), at=timezone.now())
    except (ChangedMeanwhile, NothingWaits) as refusal:
        messages.warning(request, str(refusal))
        return redirect("notes:read_supervised", note_id)
    messages.success(request, "Co-signed.")
    return _next(request)


@sensitive_post_parameters()
@require_POST
def ask(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Ask the author for changes. Whoever is no supervisor any more is given back what they typed, in care or not."""
    by, form = request.actor, WishForm(request.POST)
    if form.is_valid():
        try:
            seen, text, nonce = request.POST.get("seen", ""), form.cleaned_data["text"], form.cleaned_data["form"]
            ask_for_changes(by=by, note_id=note_id, seen=seen, text=text, nonce=nonce, at=timezone.now())
        except (ChangedMeanwhile, NothingWaits) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Asked. The author reads it on Today.")
            return _next(request)
    return _read(request, note_id, form)


def _read(request: ActingRequest, note_id: UUID, form: WishForm | None = None) -> HttpResponse:
    read = read_as_supervisor(by=request.actor, note_id=note_id, at=timezone.now())
    context = {"read": read, "opened": read.opened, "note": read.opened.note, "label": read.label}
    context |= {"form": form or WishForm(), "cosigning": read.cosigning, "wishes": read.wishes}
    return render(request, "notes/read_supervised.html", context)


def _next(request: ActingRequest) -> HttpResponse:
    waiting = browse_to_cosign(by=request.actor)
    return redirect("notes:read_supervised", waiting[0].pk) if waiting else redirect("notes:today")
