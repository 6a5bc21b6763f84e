"""Custodians: naming one's own, saying yes or no to a colleague, and what a release shows."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from access.services.people import the_practice
from clients.custody_forms import AnswerForm, NameForm
from clients.services.custody import NotReleased, browse_custodies, read_contact_list, releases_of
from clients.services.handing import colleagues_for
from clients.services.releasing import stop_on_return
from clients.services.sharing import recipient_of
from clients.services.wills import (
    NoSuchWill,
    Wishes,
    answer_will,
    name_custodian,
    read_own_wishes,
    will_of,
    withdraw_will,
)

WAITING_HOURS = settings.CUSTODY_WAIT // timedelta(hours=1)


@require_http_methods(["GET", "POST"])
def name(request: ActingRequest) -> HttpResponse:
    """Name a custodian, or change what the one who is named is to do."""
    by, now = request.actor, timezone.now()
    will, wishes = will_of(by.user), read_own_wishes(by=by, at=now) or Wishes("")
    initial = {**vars(wishes), "custodian": recipient_of(will.custodian, None).seen if will else ""}
    data = request.POST if request.method == "POST" else None
    colleagues, may_hide = colleagues_for(by=by), the_practice().hidden_clients or wishes.hidden_too
    form = NameForm(data, colleagues=colleagues, may_hide=may_hide, initial=initial)
    if form.is_valid():
        try:
            will = name_custodian(by=by, seen=form.cleaned_data["custodian"], wishes=form.wishes(), at=now)
        except Refusal as refusal:
            form.add_error("custodian", str(refusal))
        else:
            messages.success(request, f"Kept. {will.custodian.display_name} is told, and reads none of it now.")
            return redirect("clients:name_custodian")
    context = {"form": form, "will": will, "colleagues": colleagues, "hours": WAITING_HOURS}
    return render(request, "clients/name_custodian.html", context | {"releases": releases_of(by.user)})


@require_POST
def withdraw(request: ActingRequest) -> HttpResponse:
    """Withdraw one's will."""
    try:
        withdraw_will(by=request.actor, at=timezone.now())
    except NoSuchWill as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Withdrawn. You have no custodian now, and what you had written is gone.")
    return redirect("clients:name_custodian")


@require_POST
def stop_own(request: ActingRequest) -> HttpResponse:
    """Stop the release of one's own will, from a session that was open already."""
    if stop_on_return(by=request.actor, at=timezone.now()):
        messages.success(request, "Stopped. What your custodian was given is taken back.")
    else:
        messages.info(request, "There was nothing to stop.")
    return redirect("clients:name_custodian")


@require_GET
def browse(request: ActingRequest) -> HttpResponse:
    """List whose custodian one is, or is asked to be."""
    custodies = browse_custodies(by=request.actor, at=timezone.now())
    return render(request, "clients/browse_custody.html", {"custodies": custodies})


@require_POST
def answer(request: ActingRequest) -> HttpResponse:
    """Say yes or no to being a colleague's custodian."""
    form = AnswerForm(request.POST)
    if form.is_valid():
        accepts = form.cleaned_data["answer"] == "yes"
        try:
            will = answer_will(by=request.actor, will_id=form.cleaned_data["will"], accepts=accepts, at=timezone.now())
        except NoSuchWill as refusal:
            messages.warning(request, str(refusal))
        else:
            said = "You are now the custodian of" if accepts else "You are not the custodian of"
            messages.success(request, f"{said} {will.therapist.display_name}, who is told.")
    return redirect("clients:browse_custody")


@require_GET
def read(request: ActingRequest, will_id: UUID) -> HttpResponse:
    """Show a custodian what the first step released: the instructions, and how to reach each client."""
    try:
        reached = read_contact_list(by=request.actor, will_id=will_id, at=timezone.now())
    except NotReleased as refusal:
        messages.warning(request, str(refusal))
        return redirect("clients:browse_custody")
    return render(request, "clients/read_custody.html", {"reached": reached, "custody": reached.custody})
