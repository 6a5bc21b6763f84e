"""A note for the wrong client: withdrawn where it was, and begun where it belongs."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from access.services.people import the_practice
from clients.services.contacts import browse_clients
from clients.services.vaults import ReadersNotConfirmed, readers_to_confirm
from notes.forms.carrying import CarryForm
from notes.services.basing import NotAllowedYet
from notes.services.carrying import Destination, NotCarried, carry_draft, carry_note
from notes.services.desk import name_client
from notes.services.finding import find_draft
from notes.services.withdrawing import NotYoursToWithdraw, find_own_note, withdraw_note
from notes.views.drafts import until_signed

if TYPE_CHECKING:
    from notes.models import Draft, Written


@require_http_methods(["GET", "POST"])
def withdraw(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Say what it means, then withdraw a note."""
    try:
        note = find_own_note(by=request.actor, note_id=note_id)
    except NotYoursToWithdraw as refusal:
        messages.warning(request, str(refusal))
        return redirect("notes:read", note_id)
    if request.method == "POST":
        withdraw_note(by=request.actor, note_id=note_id, at=timezone.now())
        messages.success(request, "The note is withdrawn. Its text can now begin a draft for the right client.")
    if request.method == "POST" or note.is_withdrawn:
        return redirect("notes:read", note_id)
    about = name_client(by=request.actor, client=note.client, at=timezone.now())
    return render(request, "notes/withdraw.html", {"note": note, "about": about})


@require_http_methods(["GET", "POST"])
def carry(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Take the text of a withdrawn note to the right client."""
    try:
        note = find_own_note(by=request.actor, note_id=note_id)
    except NotYoursToWithdraw as refusal:
        messages.warning(request, str(refusal))
        return redirect("notes:read", note_id)
    if not note.is_withdrawn:
        return redirect("notes:withdraw", note_id)

    def begin(to: Destination) -> "Draft":
        return carry_note(by=request.actor, note_id=note_id, to=to, at=timezone.now())

    return _carry(request, note, begin)


@require_http_methods(["GET", "POST"])
@until_signed
def carry_from_draft(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Take a draft to the right client."""
    draft = find_draft(by=request.actor, draft_id=draft_id)

    def begin(to: Destination) -> "Draft":
        return carry_draft(by=request.actor, draft_id=draft_id, to=to, at=timezone.now())

    return _carry(request, draft, begin)


def _carry(request: ActingRequest, source: "Written", begin: "Callable[[Destination], Draft]") -> HttpResponse:
    form = _form(request, source)
    if form.is_valid():
        try:
            draft = begin(form.destination())
        except (NotAllowedYet, NotCarried) as refusal:
            form.add_error(None, str(refusal))
        except ReadersNotConfirmed as unconfirmed:
            form.add_error("readers" if "readers" in form.fields else None, str(unconfirmed))
        else:
            messages.success(request, "Here is the text. Look through it: nothing was signed.")
            return redirect("notes:write", draft.pk)
    about = name_client(by=request.actor, client=source.client, at=timezone.now())
    return render(request, "notes/carry.html", {"form": form, "source": source, "about": about})


def _form(request: ActingRequest, source: "Written") -> CarryForm:
    rows = browse_clients(by=request.actor, at=timezone.now())
    others = [row for row in rows if row.client.pk != source.client_id]
    chosen = next((row.client for row in others if str(row.client.pk) == request.POST.get("client")), None)
    return CarryForm(
        request.POST if request.method == "POST" else None,
        source=source,
        clients=others,
        readers=readers_to_confirm(by=request.actor, client=chosen) if chosen else [],
        founded_at=the_practice().founded_at,
    )
