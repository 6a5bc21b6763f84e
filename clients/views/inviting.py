"""Inviting a client, and putting an invitation right: a new link, none at all, or another address."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.forms import OnceForm
from access.requests import ActingRequest
from access.services.inviting import AlreadyInvited, Letter
from access.views.people import letter_context
from clients.forms import CorrectForm, InviteForm
from clients.services import returning
from clients.services.correcting import correct_contact, know_contact, renew_invitation, withdraw_invitation
from clients.services.finding import find_client
from clients.services.inviting import MayNotInvite, invite_client, may_hide, may_invite, therapists_to_choose


@require_http_methods(["GET", "POST"])
def invite(request: ActingRequest) -> HttpResponse:
    """Invite a client; link and code are shown once."""
    by, data = request.actor, request.POST if request.method == "POST" else None
    form = InviteForm(data, therapists=therapists_to_choose(by=by), oneself=by.user, may_hide=may_hide(by=by))
    if form.is_valid():
        try:
            client, letter = invite_client(by=by, new=form.new_client(), at=timezone.now())
        except AlreadyInvited as refusal:
            return _back(request, refusal.subject, refusal)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show(request, client.pk, form.cleaned_data["name"], letter)
    reason = "" if may_invite(by=by) else MayNotInvite.message
    return render(request, "clients/invite.html", {"form": form, "reason": reason})


@require_http_methods(["GET", "POST"])
def correct(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Put a client's name, address or phone right; another address gets a new link and code."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    client = find_client(by=by, client_id=client_id)
    try:
        known = know_contact(by=by, client=client, at=now)
        initial = {**asdict(known.contact), "seen": known.state}
        form = CorrectForm(data, initial=initial, is_unit=client.is_unit)
        if not form.is_valid():
            return render(
                request, "clients/correct.html", {"form": form, "client": client, "label": known.contact.name}
            )
        letter = correct_contact(by=by, known=known, correction=form.correction(), at=now)
    except Refusal as refusal:
        return _back(request, client_id, refusal)
    if letter:
        return _show(request, client_id, form.cleaned_data["name"], letter)
    messages.success(request, "The contact is saved.")
    return redirect("clients:read", client_id)


@require_POST
def renew(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Withdraw an unused invitation and show a new link and code."""
    by, now, form = request.actor, timezone.now(), OnceForm(request.POST)
    client = find_client(by=by, client_id=client_id)
    if not form.is_valid():
        return redirect("clients:read", client_id)
    try:
        known = know_contact(by=by, client=client, at=now)
        letter = renew_invitation(by=by, known=known, form=form.cleaned_data["form"], at=now)
    except Refusal as refusal:
        return _back(request, client_id, refusal)
    return _show(request, client_id, known.contact.name, letter)


@require_POST
def withdraw(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Withdraw an unused invitation."""
    client = find_client(by=request.actor, client_id=client_id)
    try:
        withdraw_invitation(by=request.actor, client=client, at=timezone.now())
    except Refusal as refusal:
        return _back(request, client_id, refusal)
    messages.success(request, "Withdrawn. The link and the code open nothing any more.")
    return redirect("clients:read", client_id)


@require_http_methods(["GET", "POST"])
def invite_again(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Explain what a client who forgot their passphrase gets back and who holds it, then show a new link and code."""
    by, now = request.actor, timezone.now()
    client = find_client(by=by, client_id=client_id)
    form = OnceForm(request.POST if request.method == "POST" else None)
    try:
        known = know_contact(by=by, client=client, at=now)
        if not form.is_valid():
            context = {"form": OnceForm(), "client": client, "label": known.contact.name}
            return render(request, "clients/invite_again.html", context)
        letter = returning.invite_again(by=by, known=known, form=form.cleaned_data["form"], at=now)
    except Refusal as refusal:
        return _back(request, client_id, refusal)
    return _show(request, client_id, known.contact.name, letter)


def _show(request: ActingRequest, client_id: UUID, label: str, letter: Letter) -> HttpResponse:
    context = {"client_id": client_id, "label": label, **letter_context(letter)}
    return render(request, "clients/letter.html", context)


def _back(request: ActingRequest, client_id: UUID | None, refusal: Refusal) -> HttpResponse:
    messages.warning(request, str(refusal))
    return redirect("clients:read", client_id)
