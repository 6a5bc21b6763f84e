"""Supervision of a therapist in training: who supervises, and which records the therapist gives to that colleague."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from access.roles import Role
from access.services.people import find_staff
from clients.services.contacts import browse_clients
from clients.services.sharing import recipient_of
from clients.services.supervised import supervision_of
from clients.services.supervising import (
    end_supervision,
    give_caseload,
    given_by,
    name_supervisor,
    supervisors_for,
)
from clients.supervising_forms import GiveForm, SupervisorForm
from clients.views.caseloads import outcome_context


@require_http_methods(["GET", "POST"])
def name(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Name who supervises a therapist, or show who does."""
    therapist = find_staff(user_id, role=Role.THERAPIST)
    if therapist is None:
        return redirect("access:browse_staff")
    form = SupervisorForm(request.POST if request.method == "POST" else None, supervisors=supervisors_for(therapist))
    if form.is_valid() and _is_named(request, user_id, form):
        return redirect("access:browse_staff")
    context = {"therapist": therapist, "supervision": supervision_of(therapist), "form": form}
    return render(request, "clients/name_supervisor.html", context)


@require_POST
def end(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """End a supervision."""
    try:
        ended = end_supervision(by=request.actor, therapist_id=user_id, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"Ended. The keys of {ended.supervisor.display_name} were taken back.")
    return redirect("access:browse_staff")


@require_http_methods(["GET", "POST"])
def give(request: ActingRequest) -> HttpResponse:
    """Show a therapist in training what their supervisor can read, and let them read more."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    supervision, listed, given = supervision_of(by.user), browse_clients(by=by, at=now), given_by(by, at=now)
    supervisor = recipient_of(supervision.supervisor, None) if supervision else None
    form = GiveForm(data, supervisor=supervisor, listed=[row for row in listed if row.client.pk not in given])
    context: dict[str, object] = {"supervision": supervision, "form": form}
    if form.is_valid():
        ids, seen = form.cleaned_data["clients"], form.cleaned_data["to"]
        context |= outcome_context(request, give_caseload(by=by, client_ids=ids, seen=seen, at=now), listed)
    # By name, as they were opened for this page.
    context["given"] = [(row.label, given[row.client.pk]) for row in listed if row.client.pk in given]
    return render(request, "clients/give_to_supervisor.html", context)


def _is_named(request: ActingRequest, user_id: UUID, form: SupervisorForm) -> bool:
    """Name whom the form says, or let the form say why not."""
    supervisor_id = form.cleaned_data["supervisor"]
    try:
        named = name_supervisor(by=request.actor, therapist_id=user_id, supervisor_id=supervisor_id, at=timezone.now())
    except Refusal as refusal:
        form.add_error("supervisor", str(refusal))
        return False
    supervisor, therapist = named.supervisor.display_name, named.therapist.display_name
    messages.success(request, f"{supervisor} supervises {therapist} from now on.")
    return True
