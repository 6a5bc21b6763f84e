"""How long records are kept: the list to review, one record's page, and what is decided there by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.files import PLAIN, hand_out
from access.requests import ActingRequest
from clients.keeping_forms import DestroyForm, KeepLongerForm, LiftForm, ReasonForm
from clients.services.answering import find_kept
from clients.services.destroying import TIME_TO_UNDO, carry_out_mine, decide_destruction, undo_destruction
from clients.services.finding import NoSuchClient
from clients.services.holding import keep_longer, lift_hold, set_hold
from clients.services.reviewing import read_keeping, review_keeping
from clients.services.tombstones import read_certificate


@require_GET
def review(request: ActingRequest) -> HttpResponse:
    """List what is kept, by code: what somebody has to decide comes first."""
    context = {"review": review_keeping(by=request.actor, at=timezone.now())}
    return render(request, "clients/review_keeping.html", context)


@require_GET
def keep(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show how long one record is kept, and why."""
    client = find_kept(by=request.actor, client_id=client_id)
    page = read_keeping(by=request.actor, client=client, at=timezone.now())
    return render(request, "clients/keep.html", {"page": page})


@require_http_methods(["GET", "POST"])
def hold(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Put a legal hold on a record."""
    client = find_kept(by=request.actor, client_id=client_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        set_hold(by=request.actor, client=client, reason=form.given(), at=timezone.now())
        messages.success(request, "Held. Nothing destroys this record until the hold is lifted.")
        return redirect("clients:keep", client.pk)
    return render(request, "clients/hold.html", {"form": form, "client": client})


@require_POST
def lift(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Lift a hold."""
    client, form = find_kept(by=request.actor, client_id=client_id), LiftForm(request.POST)
    try:
        if form.is_valid():
            lift_hold(by=request.actor, client=client, hold_id=form.cleaned_data["hold"], at=timezone.now())
            messages.success(request, "Lifted. Nothing is destroyed by that alone.")
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return redirect("clients:keep", client.pk)


@require_http_methods(["GET", "POST"])
def longer(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Keep a record longer than the practice's own time."""
    client = find_kept(by=request.actor, client_id=client_id)
    form = KeepLongerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        now, until = timezone.now(), form.until()
        try:
            keep_longer(by=request.actor, client=client, until=until, reason=form.given(), at=now)
        except Refusal as refusal:
            form.add_error("years", str(refusal))
        else:
            return redirect("clients:keep", client.pk)
    return render(request, "clients/keep_longer.html", {"form": form, "client": client})


@require_http_methods(["GET", "POST"])
def destroy(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Decide that a record will be destroyed."""
    client = find_kept(by=request.actor, client_id=client_id)
    form = DestroyForm(request.POST if request.method == "POST" else None, expected=client.code)
    if form.is_valid():
        try:
            decide_destruction(by=request.actor, client=client, at=timezone.now())
            return redirect("clients:keep", client.pk)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
    page = read_keeping(by=request.actor, client=client, at=timezone.now())
    if not page.may_be_destroyed:
        return redirect("clients:keep", client.pk)
    return render(request, "clients/destroy.html", {"form": form, "page": page, "days": TIME_TO_UNDO.days})


@require_POST
def undo(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Undo the decision to destroy a record."""
    client = find_kept(by=request.actor, client_id=client_id)
    try:
        undo_destruction(by=request.actor, client=client, at=timezone.now())
    except NoSuchClient:
        raise
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Undone. The record is open again for those who may read it.")
    return redirect("clients:keep", client.pk)


@require_POST
def carry_out(request: ActingRequest) -> HttpResponse:
    """Destroy what waits no longer."""
    destroyed = carry_out_mine(by=request.actor, at=timezone.now())
    messages.success(request, f"Destroyed: {len(destroyed)}. The certificates are below.")
    return redirect("clients:review_keeping")


@require_GET
def certify(request: ActingRequest, tombstone_id: UUID) -> HttpResponse:
    """Show the certificate of one destruction, to read or to print."""
    certificate = read_certificate(by=request.actor, tombstone_id=tombstone_id, at=timezone.now())
    return render(request, "clients/certificate.html", {"certificate": certificate})


@require_GET
def download(request: ActingRequest, tombstone_id: UUID) -> HttpResponse:
    """Hand out the certificate as plain text."""
    certificate = read_certificate(by=request.actor, tombstone_id=tombstone_id, at=timezone.now())
    text = render_to_string("clients/certificate.txt", {"certificate": certificate})
    return hand_out(text, kind=PLAIN, name=f"destruction-{certificate.tombstone.code}.txt")
