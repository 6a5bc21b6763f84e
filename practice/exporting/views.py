"""Pages from which a record leaves: choose why, and the file comes in the answer."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods

from access.files import ZIP, hand_out_as_made
from access.requests import ActingRequest
from clients.exports import parts_of_record
from clients.services.contacts import browse_clients, look_up_label
from consent.kinds import DocumentKind
from consent.services.publishing import NothingPublished, current_text
from practice.exporting.caseload import caseload_of, exported_since, stream_caseload
from practice.exporting.forms import CaseloadForm, ExportForm, OwnNotesForm
from practice.exporting.gathering import find_exportable
from practice.exporting.purposes import own_bases_in
from practice.exporting.service import export_own_notes, export_record
from practice.paper.printing import Press

if TYPE_CHECKING:
    from clients.models import Client


@require_http_methods(["GET", "POST"])
def export(request: ActingRequest, client_id: UUID) -> HttpResponseBase:
    """Ask why, then hand the record out as one file."""
    client = find_exportable(by=request.actor, client_id=client_id)
    form, now = ExportForm(request.POST if request.method == "POST" else None, is_unit=client.is_unit), timezone.now()
    if form.is_valid():
        with Press() as press:
            agreed = form.all_agreed_to_it
            file = export_record(
                by=request.actor, client=client, why=form.chosen, press=press, at=now, all_agreed=agreed
            )
        return hand_out_as_made(file.spool.pieces(), kind=ZIP, name=file.name, size=file.spool.size)
    context = _about(request, client) | {"form": form, "parts": parts_of_record()}
    return render(request, "practice/export_record.html", context)


@require_http_methods(["GET", "POST"])
def export_own(request: ActingRequest, client_id: UUID) -> HttpResponseBase:
    """Ask what allows it, then hand one's own process notes out in a file of their own."""
    client, now = find_exportable(by=request.actor, client_id=client_id), timezone.now()
    bases = own_bases_in(_jurisdiction())
    form = OwnNotesForm(request.POST if request.method == "POST" else None, bases=bases)
    if form.is_valid():
        basis, dated = form.chosen, form.cleaned_data["dated"]
        with Press() as press:
            file = export_own_notes(by=request.actor, client=client, basis=basis, dated=dated, press=press, at=now)
        return hand_out_as_made(file.spool.pieces(), kind=ZIP, name=file.name, size=file.spool.size)
    context = _about(request, client) | {"form": form, "bases": bases}
    return render(request, "practice/export_own_notes.html", context)


@require_http_methods(["GET", "POST"])
def export_all(request: ActingRequest) -> HttpResponseBase:
    """Ask why, then hand out a file for each client, one after another; and show what is in a file since today."""
    by, now = request.actor, timezone.now()
    clients = caseload_of(by)
    has_unit = any(client.is_unit for client in clients)
    form = CaseloadForm(request.POST if request.method == "POST" else None, has_unit=has_unit)
    if form.is_valid():
        pieces = stream_caseload(by=by, clients=clients, why=form.chosen, all_agreed=form.all_agreed_to_it)
        return hand_out_as_made(pieces, kind=ZIP, name=f"caseload-{timezone.localdate(now).isoformat()}.zip")
    done = exported_since(by=by, since=_midnight(now))
    listed = [(row, done.get(row.client.pk)) for row in browse_clients(by=by, at=now)]
    context = {"form": form, "listed": listed, "done": sum(one is not None for _, one in listed), "since": now}
    return render(request, "practice/export_caseload.html", context)


@require_GET
def follow(request: ActingRequest) -> JsonResponse:
    """Tell the page how far its caseload has come, by code: nothing is opened, and one's own entries are no secret."""
    since = _moment(request.GET.get("since", "")) or _midnight(timezone.now())
    codes = {client.pk: client.code for client in caseload_of(request.actor)}
    done = exported_since(by=request.actor, since=since)
    times = {codes[key]: f"{timezone.localtime(one.at):%H:%M}" for key, one in done.items() if key in codes}
    return JsonResponse({"done": times, "of": len(codes)})


def _moment(asked: str) -> datetime | None:
    try:
        moment = parse_datetime(asked)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _about(request: ActingRequest, client: "Client") -> dict[str, object]:
    return {"client": client, "label": look_up_label(by=request.actor, client=client, at=timezone.now())}


def _jurisdiction() -> str:
    try:
        return current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now()).facts.jurisdiction
    except NothingPublished:
        return ""
