"""Pages from which a record leaves: choose why, and the file comes in the answer."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.files import ZIP, hand_out
from access.requests import ActingRequest
from clients.exports import parts_of_record
from clients.services.contacts import look_up_label
from consent.kinds import DocumentKind
from consent.services.publishing import NothingPublished, current_text
from practice.exporting.forms import ExportForm, OwnNotesForm
from practice.exporting.gathering import find_exportable
from practice.exporting.purposes import own_bases_in
from practice.exporting.service import export_own_notes, export_record
from practice.paper.printing import Press

if TYPE_CHECKING:
    from clients.models import Client


@require_http_methods(["GET", "POST"])
def export(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Ask why, then hand the record out as one file."""
    client = find_exportable(by=request.actor, client_id=client_id)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with Press() as press:
            file = export_record(by=request.actor, client=client, why=form.chosen, press=press, at=timezone.now())
        return hand_out(file.content, kind=ZIP, name=file.name)
    context = _about(request, client) | {"form": form, "parts": parts_of_record()}
    return render(request, "practice/export_record.html", context)


@require_http_methods(["GET", "POST"])
def export_own(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Ask what allows it, then hand one's own process notes out in a file of their own."""
    client, now = find_exportable(by=request.actor, client_id=client_id), timezone.now()
    bases = own_bases_in(_jurisdiction())
    form = OwnNotesForm(request.POST if request.method == "POST" else None, bases=bases)
    if form.is_valid():
        basis, dated = form.chosen, form.cleaned_data["dated"]
        with Press() as press:
            file = export_own_notes(by=request.actor, client=client, basis=basis, dated=dated, press=press, at=now)
        return hand_out(file.content, kind=ZIP, name=file.name)
    context = _about(request, client) | {"form": form, "bases": bases}
    return render(request, "practice/export_own_notes.html", context)


def _about(request: ActingRequest, client: "Client") -> dict[str, object]:
    return {"client": client, "label": look_up_label(by=request.actor, client=client, at=timezone.now())}


def _jurisdiction() -> str:
    try:
        return current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now()).facts.jurisdiction
    except NothingPublished:
        return ""
