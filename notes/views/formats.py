"""The formats that a therapist or the practice made."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.requests import ActingRequest
from access.roles import Role
from notes.forms.formats import FormatForm, WithdrawForm, initial_of
from notes.services.own_formats import (
    FormatRefused,
    Listed,
    browse_formats,
    find_own,
    may_write_for_all,
    withdraw_format,
    write_format,
)


@require_GET
def browse(request: ActingRequest) -> HttpResponse:
    """List one's own formats and the practice's."""
    return render(request, "notes/browse_formats.html", {"formats": browse_formats(by=request.actor)})


@require_http_methods(["GET", "POST"])
def write(request: ActingRequest) -> HttpResponse:
    """Write a format, or another version of the one that the address names."""
    listed = _named(request)
    form = _form(request, listed)
    if form.is_valid():
        family, after = form.cleaned_data["form"], form.cleaned_data["number"]
        wording = form.wording(for_all=_is_for_all(request, form, listed))
        try:
            write_format(by=request.actor, family=family, after=after, wording=wording, at=timezone.now())
        except FormatRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{wording.label}” can be chosen now.")
            return redirect("notes:browse_formats")
    return render(request, "notes/write_format.html", {"form": form, "listed": listed})


@require_POST
def withdraw(request: ActingRequest) -> HttpResponse:
    """Offer a format no longer."""
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            withdraw_format(by=request.actor, family=form.cleaned_data["family"], at=timezone.now())
            messages.success(request, "It is offered no longer. Notes that were written in it stay as they are.")
        except FormatRefused as refusal:
            messages.warning(request, str(refusal))
    return redirect("notes:browse_formats")


def _named(request: ActingRequest) -> Listed | None:
    if "of" not in request.GET:
        return None
    with suppress(ValueError):
        if listed := find_own(by=request.actor, family=UUID(request.GET["of"])):
            return listed
    raise Http404


def _form(request: ActingRequest, listed: Listed | None) -> FormatForm:
    # Whose it is does not change; a manager who is no therapist writes for the practice alone.
    chooses = listed is None and request.actor.role == Role.THERAPIST and may_write_for_all(by=request.actor)
    data = request.POST if request.method == "POST" else None
    return FormatForm(data, chooses=chooses, initial=initial_of(listed) if listed else {})


def _is_for_all(request: ActingRequest, form: FormatForm, listed: Listed | None) -> bool:
    if listed:
        return listed.version.owner_id is None
    return bool(form.cleaned_data.get("for_all", request.actor.role == Role.MANAGER))
