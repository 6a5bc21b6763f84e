"""What was signed, for the client: the receipt, the file, and taking it back."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.requests import ActingRequest
from consent.forms import ReasonForm
from consent.services.events import own_client
from consent.services.reading import progress_of
from consent.services.records import look_at_record
from consent.services.refusing import withdraw
from consent.views.steps import show, step


@require_GET
@step
def receipt(request: ActingRequest) -> HttpResponse:
    """Show what was signed, when, with which keys, and how to check it."""
    client, now = own_client(by=request.actor), timezone.now()
    signed = look_at_record(by=request.actor, client=client, at=now)
    context = {"signed": signed, "progress": progress_of(client=client, at=now)}
    return show(request, "receipt", context)


@require_GET
@step
def download(request: ActingRequest) -> HttpResponse:
    """Hand out the signed record. Its name says neither who nor what."""
    client = own_client(by=request.actor)
    signed = look_at_record(by=request.actor, client=client, at=timezone.now())
    response = HttpResponse(signed.envelope, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="form-{signed.reference}.json"'
    return response


@require_http_methods(["GET", "POST"])
@step
def take_back(request: ActingRequest) -> HttpResponse:
    """Say what taking the signature back does, then do it."""
    client, now = own_client(by=request.actor), timezone.now()
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        withdraw(by=request.actor, client=client, at=now, **form.cleaned_data)
        return redirect("consent:withdraw")
    context = {"form": form, "progress": progress_of(client=client, at=now)}
    return show(request, "withdraw", context)
