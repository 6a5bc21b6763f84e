"""Pages on which a practice moves in: a list is chosen, looked through, and only then brought in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from clients.services.bringing import Newcomers
from clients.services.inviting import MayNotInvite, may_invite, therapists_to_choose
from consent.services.elsewhere import ends_at
from practice.importing.forms import ConfirmForm, UploadForm
from practice.importing.listing import COLUMNS, Listing, look_through
from practice.importing.service import bring_clients
from practice.importing.sheets import NotReadable


@require_http_methods(["GET", "POST"])
def choose_list(request: ActingRequest) -> HttpResponse:
    """Take a list of clients, and show what would be made of it."""
    by, data = request.actor, request.POST if request.method == "POST" else None
    form = UploadForm(data, request.FILES, therapists=therapists_to_choose(by=by), oneself=by.user)
    reason = "" if may_invite(by=by) else MayNotInvite.message
    if not reason and form.is_valid():
        try:
            listing = look_through(by=by, text=form.cleaned_data["file"], at=timezone.now())
        except NotReadable as error:
            form.add_error("file", str(error))
        else:
            return _preview(request, listing, form.cleaned_data["file"], UUID(form.cleaned_data["therapist"]))
    context = {"form": form, "reason": reason, "columns": [names[0].capitalize() for names in COLUMNS.values()]}
    return render(request, "practice/choose_list.html", context)


@require_POST
def bring_list(request: ActingRequest) -> HttpResponse:
    """Bring in whom the preview showed, and say who was left out."""
    by, now, form = request.actor, timezone.now(), ConfirmForm(request.POST)
    if not form.is_valid():
        return redirect("practice:choose_list")
    text, therapist, number, expected = form.facts()
    try:
        listing = look_through(by=by, text=text, at=now)
        if len(listing.contacts) != expected:
            return _preview(request, listing, text, therapist, changed=True)
        clients = bring_clients(by=by, new=Newcomers(listing.contacts, therapist, number), at=now)
    except (Refusal, NotReadable) as refusal:
        messages.warning(request, str(refusal))
        return redirect("clients:browse")
    brought = list(zip(clients, listing.contacts, strict=True))
    return render(request, "practice/brought_list.html", {"brought": brought, "listing": listing})


def _preview(
    request: ActingRequest, listing: Listing, text: str, therapist: UUID, *, changed: bool = False
) -> HttpResponse:
    facts = {"listed": text, "therapist": therapist, "expected": len(listing.contacts)}
    people = therapists_to_choose(by=request.actor)
    context = {
        "listing": listing,
        "form": ConfirmForm(initial=facts),
        "carer": next((user for user in people if user.pk == therapist), None),
        "until": ends_at(timezone.now()),
        "changed": changed,
    }
    return render(request, "practice/preview_list.html", context)
