"""Who could ever open a therapist's process notes besides themselves."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from clients.forms import RecoveryForm
from clients.services.contacts import look_up_label
from clients.services.finding import find_client
from clients.services.own_notes import NoOwnNotes, choose_recovery, is_recoverable
from clients.services.readers import recovery_codes


@require_http_methods(["GET", "POST"])
def choose(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Let an author choose whether the printed codes open their process notes."""
    by, client = request.actor, find_client(by=request.actor, client_id=client_id)
    standing, form = is_recoverable(by=by, client=client), RecoveryForm(request.POST or None)
    if form.is_valid():
        try:
            choose_recovery(by=by, client=client, recoverable=form.cleaned_data["recoverable"], at=timezone.now())
        except NoOwnNotes as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, "Your choice is kept.")
        return redirect("clients:browse_readers", client.pk)
    label = look_up_label(by=by, client=client, at=timezone.now())
    context = {"client": client, "label": label, "standing": standing, "codes": recovery_codes()}
    return render(request, "clients/choose_recovery.html", context)
