"""Couples, families and groups: making one of one's own clients, and who comes or no longer does."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from clients.services.contacts import look_up_label
from clients.services.units import add_member, find_unit, make_unit, remove_member, who_may_join
from clients.unit_forms import LeaveForm, MemberForm, UnitForm


@require_http_methods(["GET", "POST"])
def make(request: ActingRequest) -> HttpResponse:
    """Make a record for several of one's own clients."""
    by, now = request.actor, timezone.now()
    listed = who_may_join(by=by, at=now)
    form = UnitForm(request.POST if request.method == "POST" else None, listed=listed)
    if form.is_valid():
        try:
            unit = make_unit(by=by, new=form.new_unit(), at=now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Made. Nothing of it stands in the record of anybody who belongs.")
            return redirect("consent:browse_members", unit.pk)
    return render(request, "clients/make_unit.html", {"form": form, "listed": listed})


@require_http_methods(["GET", "POST"])
def add(request: ActingRequest, unit_id: UUID) -> HttpResponse:
    """Let somebody more come."""
    by, now = request.actor, timezone.now()
    unit = find_unit(by=by, unit_id=unit_id)
    listed = who_may_join(by=by, unit=unit, at=now)
    form = MemberForm(request.POST if request.method == "POST" else None, listed=listed)
    if form.is_valid():
        try:
            add_member(by=by, unit=unit, client_id=form.cleaned_data["client"], at=now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("consent:browse_members", unit.pk)
    label = look_up_label(by=by, client=unit, at=now)
    return render(request, "clients/add_member.html", {"form": form, "client": unit, "label": label, "listed": listed})


@require_POST
def remove(request: ActingRequest, unit_id: UUID) -> HttpResponse:
    """Note that somebody no longer comes."""
    unit, form = find_unit(by=request.actor, unit_id=unit_id), LeaveForm(request.POST)
    if form.is_valid():
        remove_member(by=request.actor, unit=unit, member_id=form.cleaned_data["member"], at=timezone.now())
        messages.success(
            request, "Noted. What was written while they came stays, and asks for their signature as ever."
        )
    return redirect("consent:browse_members", unit.pk)
