"""Choose what the paper is for; the answer is a PDF to print, without an address and with page numbers."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods

from access.files import PDF, hand_out
from access.requests import ActingRequest
from clients.services.contacts import look_up_label
from consent.services.publishing import NothingPublished
from consent.services.records import NoRecord
from practice.exporting.gathering import find_exportable
from practice.paper.printing import NoPaper
from practice.printing.forms import PrintForm
from practice.printing.service import (
    Printing,
    find_printable,
    print_consent,
    print_form,
    print_note,
    print_record,
)

if TYPE_CHECKING:
    from datetime import datetime

    from clients.models import Client


class Prints(Protocol):
    """Prints one thing that is settled already."""

    def __call__(self, *, printing: Printing, at: "datetime") -> bytes: ...


@dataclass(frozen=True)
class Job:
    """What is to be printed.

    :param what: as the page calls it
    :param name: of the file, nobody's name in it
    :param tells: something of what was written about the client is on it
    """

    client: "Client"
    what: str
    name: str
    prints: Prints
    tells: bool = False


@require_http_methods(["GET", "POST"])
def note(request: ActingRequest, note_id: UUID) -> HttpResponse:
    """Print one note."""
    found = find_printable(by=request.actor, note_id=note_id)
    what = f"{found.label} of {date_format(localtime(found.session_at), 'j F Y')}"
    prints = partial(print_note, by=request.actor, note=found)
    return _choose(request, Job(found.client, what, f"{found.client.code}-note.pdf", prints, tells=True))


@require_http_methods(["GET", "POST"])
def record(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Print a whole record."""
    client = find_exportable(by=request.actor, client_id=client_id)
    prints = partial(print_record, by=request.actor, client=client)
    return _choose(request, Job(client, "The whole record", f"{client.code}-record.pdf", prints, tells=True))


@require_http_methods(["GET", "POST"])
def blank_form(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Print the limits of confidentiality to be signed with a pen."""
    client = find_exportable(by=request.actor, client_id=client_id)
    prints = partial(print_form, by=request.actor, client=client)
    return _choose(request, Job(client, "The limits of confidentiality, to sign", "form.pdf", prints))


@require_http_methods(["GET", "POST"])
def consent(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Print what a client signed."""
    client = find_exportable(by=request.actor, client_id=client_id)
    prints = partial(print_consent, by=request.actor, client=client)
    return _choose(request, Job(client, "The signed consent", "form.pdf", prints))


def _choose(request: ActingRequest, job: Job) -> HttpResponse:
    is_unit = job.tells and job.client.is_unit
    form = PrintForm(request.POST if request.method == "POST" else None, is_unit=is_unit)
    if form.is_valid():
        try:
            return hand_out(job.prints(printing=form.printing, at=timezone.now()), kind=PDF, name=job.name)
        except (NoPaper, NoRecord, NothingPublished) as why_not:
            form.add_error(None, str(why_not))
    label = look_up_label(by=request.actor, client=job.client, at=timezone.now())
    return render(request, "practice/print.html", {"form": form, "job": job, "client": job.client, "label": label})
