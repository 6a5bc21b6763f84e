"""What a supervisor sees of an answer that cannot wait."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.requests import ActingRequest
from access.services.people import the_practice
from clients.services.finding import in_care_of
from measures.services.supervised import look_as_supervisor


@require_GET
def read(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    """Show one questionnaire to the supervisor of the client's therapist, with whom to call."""
    if in_care_of(request.actor).filter(client=client_id).exists():
        return redirect("measures:review", client_id, measure_id)
    seen = look_as_supervisor(by=request.actor, client_id=client_id, measure_id=measure_id, at=timezone.now())
    context = {"seen": seen, "opened": seen.opened, "label": seen.contact.name, "practice": the_practice()}
    return render(request, "measures/read_supervised.html", context)
