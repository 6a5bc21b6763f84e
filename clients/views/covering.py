"""Cover: naming colleagues for the days of an absence, and opening a record under it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from clients.covering_forms import CoverForm, EndCoverForm, OpenRecordForm, ReviewForm, ticked
from clients.services.contacts import browse_clients
from clients.services.covering import cover_caseload, end_cover
from clients.services.covers import opened_until
from clients.services.finding import find_client, in_care_of
from clients.services.handing import colleagues_for
from clients.services.opening import (
    WINDOW,
    NoKeyUnderCover,
    browse_covers,
    find_cover,
    open_record,
    review_opening,
)
from clients.views.caseloads import outcome_context


@require_http_methods(["GET", "POST"])
def arrange(request: ActingRequest) -> HttpResponse:
    """Name colleagues who cover for one's clients, each client with its outcome."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    listed, colleagues = browse_clients(by=by, at=now), colleagues_for(by=by)
    chosen = ticked(listed, request.GET.get("client", ""))
    form = CoverForm(data, colleagues=colleagues, listed=listed, chosen=chosen)
    context = {"form": form, "listed": listed, "colleagues": colleagues}
    if form.is_valid():
        ids = form.cleaned_data["clients"]
        outcomes = cover_caseload(by=by, client_ids=ids, seen=form.seen, absence=form.absence(), at=now)
        context |= outcome_context(request, outcomes, listed)
    return render(request, "clients/arrange_cover.html", context)


@require_POST
def end(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """End a cover before its time."""
    client, form = find_client(by=request.actor, client_id=client_id), EndCoverForm(request.POST)
    if form.is_valid():
        try:
            cover = end_cover(by=request.actor, client=client, cover_id=form.cleaned_data["cover"], at=timezone.now())
        except Refusal as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, f"Ended. The keys of {cover.colleague.display_name} were taken back.")
    return redirect("clients:read", client.pk)


@require_GET
def browse(request: ActingRequest) -> HttpResponse:
    """List for whom one covers, by code."""
    by, now = request.actor, timezone.now()
    covers = [(cover, opened_until(by=by, client=cover.client)) for cover in browse_covers(by=by, at=now)]
    return render(request, "clients/browse_cover.html", {"covers": covers, "now": now})


@require_http_methods(["GET", "POST"])
def open_up(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Open a record under cover, with a reason that others read."""
    by, now = request.actor, timezone.now()
    if in_care_of(by).filter(client=client_id).exists():
        return redirect("notes:overview", client_id)
    cover = find_cover(by=by, client_id=client_id, at=now)
    form = OpenRecordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opening = open_record(by=by, cover=cover, because=form.because(), at=now)
        except NoKeyUnderCover as refusal:
            form.add_error(None, str(refusal))
        else:
            until = date_format(timezone.localtime(opening.until), "j F, H:i")
            messages.success(request, f"Open until {until}. The therapist, the managers and the client are told.")
            return redirect("notes:overview", client_id)
    return render(request, "clients/open_cover.html", {"form": form, "cover": cover, "hours": WINDOW.seconds // 3600})


@require_POST
def review(request: ActingRequest) -> HttpResponse:
    """Note that one looked into an opening."""
    form = ReviewForm(request.POST)
    if form.is_valid():
        review_opening(by=request.actor, opening_id=form.cleaned_data["opening"], at=timezone.now())
        messages.success(request, "Noted that you looked into it.")
    return redirect("consent:browse_overrides")
