"""A whole caseload: one's own, handed over, and a colleague's, moved by a manager."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from access.roles import Role
from access.services.people import find_staff, staff_with
from clients.forms import HandOverCaseloadForm, MoveCaseloadForm
from clients.services.caseloads import browse_caseload, find_carer, move_caseload
from clients.services.contacts import ListedClient, browse_clients
from clients.services.handing import Outcome, colleagues_for, hand_over_caseload
from clients.services.readers import recovery_codes


@require_http_methods(["GET", "POST"])
def pass_on(request: ActingRequest) -> HttpResponse:
    """Hand over several of one's own clients to one colleague, each with its outcome."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    listed, colleagues = browse_clients(by=by, at=now), colleagues_for(by=by)
    form = HandOverCaseloadForm(data, colleagues=colleagues, listed=listed)
    if form.is_valid():
        typed = form.cleaned_data
        outcomes = hand_over_caseload(by=by, client_ids=typed["clients"], seen=typed["to"], at=now)
        return render(request, "clients/hand_over_caseload.html", outcome_context(request, outcomes, listed))
    context = {"form": form, "listed": listed, "colleagues": colleagues}
    return render(request, "clients/hand_over_caseload.html", context)


@require_http_methods(["GET", "POST"])
def move(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Show a therapist's clients to a manager, and put several into a colleague's care."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    therapist = find_carer(user_id)
    if therapist is None:
        return redirect("clients:browse")
    listed = browse_caseload(by=by, therapist=therapist, at=now)
    others = [user for user in staff_with(Role.THERAPIST) if user != therapist]
    form, done = MoveCaseloadForm(data, therapists=others, listed=listed), {}
    if form.is_valid() and (to := find_staff(UUID(form.cleaned_data["therapist"]), role=Role.THERAPIST)):
        ids = form.cleaned_data["clients"]
        outcomes = move_caseload(by=by, therapist=therapist, client_ids=ids, to=to, at=now)
        done = outcome_context(request, outcomes, listed)
    context = {"form": form, "listed": listed, "therapist": therapist, "others": others, "codes": recovery_codes()}
    return render(request, "clients/move_caseload.html", {**context, **done})


def outcome_context(request: ActingRequest, outcomes: list[Outcome], listed: list[ListedClient]) -> dict[str, object]:
    """Gather how it went with each client, and the same form again for those who are left."""
    # By the names as they were opened before: whoever handed a client over holds no key to look again.
    labels = {row.client.pk: row.label for row in listed}
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("clients", "csrfmiddlewaretoken")
    ]
    left = [outcome.client_id for outcome in outcomes if outcome.left]
    return {"outcomes": [(labels[one.client_id], one) for one in outcomes], "left": left, "carried": carried}
