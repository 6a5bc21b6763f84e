"""A therapist's first page, one client's page, and a note to read."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from access.requests import ActingRequest
from clients.services.contacts import label_of
from clients.services.covers import find_client_or_covered, is_reachable, opened_until
from clients.services.finding import kept_by
from notes.services.amending import NotYoursToAmend, begin_addendum, may_amend
from notes.services.cosigned import cosignings_of
from notes.services.cosigning import open_wishes
from notes.services.desk import overview_of, today_of
from notes.services.proving import NotToTakeOut, may_prove, prove_note
from notes.services.reading import read_note
from notes.services.withdrawing import is_stub, read_stub

if TYPE_CHECKING:
    from notes.models import Note


@require_GET
def today(request: ActingRequest) -> HttpResponse:
    """Show what is to finish, what waits for a signature, and the clients."""
    return render(request, "notes/today.html", {"today": today_of(by=request.actor, at=timezone.now())})


@require_GET
def overview(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show one client: consent first, then drafts and notes."""
    if kept_by(request.actor).filter(client=client_id).exists():
        return redirect("notes:browse_ended", client_id)
    client = find_client_or_covered(by=request.actor, client_id=client_id)
    overview = overview_of(by=request.actor, client=client, at=timezone.now())
    return render(request, "notes/overview.html", {"client": client, "overview": overview})


@require_GET
def read(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Show a signed note, or what is left of one that was withdrawn."""
    if is_stub(by=request.actor, note_id=note_id):
        return _read_stub(request, note_id)
    opened = read_note(by=request.actor, note_id=note_id, at=timezone.now())
    label = label_of(by=request.actor, client=opened.note.client, receipt=opened.receipt)
    context = {
        "opened": opened,
        "note": opened.note,
        "label": label,
        "cosigning": cosignings_of([opened.note]).get(opened.note.pk),
        "wishes": open_wishes(by=request.actor, note=opened.note, receipt=opened.receipt),
        "may_print": _may_print(request, opened.note),
        "may_amend": may_amend(by=request.actor, note=opened.note),
        "may_prove": may_prove(by=request.actor, note=opened.note),
        "key_id": bytes(opened.note.signed_with).hex(),
        "therapy_is_over": not is_reachable(by=request.actor, client=opened.note.client),
    }
    return render(request, "notes/read.html", context)


def _may_print(request: ActingRequest, note: "Note") -> bool:
    # Whoever covers reads; a process note leaves by a page of its own.
    return not note.note_kind.is_process and opened_until(by=request.actor, client=note.client) is None


@require_POST
def amend(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Begin an addendum, or go on with it."""
    try:
        draft = begin_addendum(by=request.actor, note_id=note_id, at=timezone.now())
    except NotYoursToAmend as refusal:
        messages.warning(request, str(refusal))
        return redirect("notes:read", note_id)
    return redirect("notes:write", draft.pk)


@require_POST
def prove(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Hand a note out with what proves its signature."""
    try:
        proof = prove_note(by=request.actor, note_id=note_id, at=timezone.now())
    except NotToTakeOut as refusal:
        messages.warning(request, str(refusal))
        return redirect("notes:read", note_id)
    disposition = {"Content-Disposition": f'attachment; filename="{proof.name}"'}
    return HttpResponse(proof.content, content_type="application/json", headers=disposition)


def _read_stub(request: ActingRequest, note_id: UUID) -> HttpResponse:
    stub = read_stub(by=request.actor, note_id=note_id, at=timezone.now())
    label = label_of(by=request.actor, client=stub.note.client, receipt=stub.receipt)
    return render(request, "notes/read_stub.html", {"stub": stub, "note": stub.note, "label": label})
