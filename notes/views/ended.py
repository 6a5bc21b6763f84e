"""The end of a therapy, and what its therapist still reads: the notes of a record that they keep."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.requests import ActingRequest
from clients.services.contacts import look_up_label
from clients.services.finding import care_team, find_client, in_care_of
from clients.services.therapy import ColleaguesInCare, find_ended
from notes.services.drafting import list_unfinished
from notes.services.ended import QuestionnairesOpen, browse_ended_notes, close_therapy


@require_http_methods(["GET", "POST"])
def end_therapy(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Name what is unfinished, then end a therapy."""
    by, refusal = request.actor, None
    client = find_client(by=by, client_id=client_id)
    label = look_up_label(by=by, client=client, at=timezone.now())
    if request.method == "POST":
        try:
            close_therapy(by=by, client=client, at=timezone.now())
        except (ColleaguesInCare, QuestionnairesOpen) as refused:
            refusal = refused
        else:
            messages.success(request, f"The therapy of {label} is over. You find the record under “Ended”.")
            return redirect("notes:browse_ended", client.pk)
    context = {"client": client, "label": label, "refusal": refusal, "drafts": list_unfinished(by=by, client=client)}
    return render(request, "notes/end_therapy.html", {**context, "is_last": care_team(client) == [by.user]})


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """List what was written about a client whose therapy is over."""
    if in_care_of(request.actor).filter(client=client_id).exists():
        return redirect("notes:overview", client_id)
    client = find_ended(by=request.actor, client_id=client_id)
    record = browse_ended_notes(by=request.actor, client=client, at=timezone.now())
    return render(request, "notes/browse_ended.html", {"record": record, "client": client})
