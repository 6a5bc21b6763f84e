"""What a custodian is shown of notes, once a release gave their keys: to read, and never to write."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.requests import ActingRequest
from clients.services.contacts import label_of
from clients.services.finding import in_care_of
from notes.services.finding import notes_of
from notes.services.handed import browse_handed_notes, read_handed_note


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """List what was signed about a client."""
    if in_care_of(request.actor).filter(client=client_id).exists():
        return redirect("notes:overview", client_id)
    handed = browse_handed_notes(by=request.actor, client_id=client_id, at=timezone.now())
    return render(request, "notes/browse_handed.html", {"handed": handed})


@require_GET
def read(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Show a signed note."""
    if notes_of(request.actor).filter(pk=note_id).exists():
        return redirect("notes:read", note_id)
    opened = read_handed_note(by=request.actor, note_id=note_id, at=timezone.now())
    label = label_of(by=request.actor, client=opened.note.client, receipt=opened.receipt)
    return render(request, "notes/read_handed.html", {"opened": opened, "note": opened.note, "label": label})
