"""Keeping a client from managers, and letting them know again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from clients.services.contacts import look_up_label
from clients.services.finding import NoSuchClient, find_client
from clients.services.restricting import RestrictedMember, lift_restriction, restrict_record


@require_http_methods(["GET", "POST"])
def restrict(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Say what it means to keep a client from managers, then do it."""
    by, now = request.actor, timezone.now()
    client = find_client(by=by, client_id=client_id)
    if request.method == "POST":
        try:
            restrict_record(by=by, client=client, at=now)
        except NoSuchClient:
            raise
        except Refusal as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, "Kept from managers. Their keys to name and address were taken back.")
        return redirect("clients:read", client.pk)
    label = look_up_label(by=by, client=client, at=now)
    return render(request, "clients/restrict.html", {"client": client, "label": label})


@require_POST
def lift(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Let managers know of a client again."""
    client = find_client(by=request.actor, client_id=client_id)
    try:
        lift_restriction(by=request.actor, client=client, at=timezone.now())
    except RestrictedMember as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Managers know of this client again, and can open name and address.")
    return redirect("clients:read", client.pk)
