"""What was signed, for the client: the receipt, the file, and taking it back."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from access.files import MARKDOWN, hand_out
from access.requests import ActingRequest
from clients.services.finding import find_client
from consent.forms import TakeBackForm
from consent.services.reading import progress_of
from consent.services.records import look_at_record, newest_record
from consent.services.refusing import take_signature_back
from consent.views.steps import passphrase_errors, show, step


@require_GET
@step
def receipt(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show what was signed, when, with which keys, and how to check it."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    signed = look_at_record(by=request.actor, client=client, at=now)
    context = {"signed": signed, "progress": progress_of(client=client, at=now)}
    return show(request, client, "receipt", context)


@require_GET
@step
def download(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Hand out the signed record. Its name says neither who nor what."""
    client = find_client(by=request.actor, client_id=client_id)
    signed = look_at_record(by=request.actor, client=client, at=timezone.now())
    return hand_out(signed.envelope, kind="application/json", name=f"form-{signed.reference}.json")


@require_GET
@step
def download_text(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Hand out the text that was signed, byte for byte as it was hashed, for reading without this program."""
    client = find_client(by=request.actor, client_id=client_id)
    signed = look_at_record(by=request.actor, client=client, at=timezone.now())
    return hand_out(signed.text.publication.text.encode(), kind=MARKDOWN, name=f"form-{signed.reference}.md")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step
def take_back(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Say what taking the signature back does, then do it."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with passphrase_errors(form):
            take_signature_back(by=request.actor, client=client, at=now, **form.cleaned_data)
            return redirect("consent:withdraw", client_id=client_id)
    context = {"form": form, "progress": progress_of(client=client, at=now), "record": newest_record(client)}
    return show(request, client, "withdraw", context)
