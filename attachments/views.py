"""The files of a record: their list, one of them, what is in it, and how one comes in or is taken out."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from access.files import hand_out_as_made
from access.requests import ActingRequest
from attachments.forms import AttachForm, RemoveForm
from attachments.services.adding import NotToAttach, add_attachment
from attachments.services.finding import find_attachment, find_filed, is_handed
from attachments.services.reading import TakenOut, browse_attachments, look_at_attachment, read_attachment
from attachments.services.removing import remove_attachment
from clients.services.contacts import look_up_label
from clients.services.finding import find_client, in_care_of
from clients.services.vaults import ReadersNotConfirmed, readers_to_confirm

if TYPE_CHECKING:
    from clients.models import Client


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """List the files of a record."""
    client = find_filed(by=request.actor, client_id=client_id)
    label, files = browse_attachments(by=request.actor, client=client, at=timezone.now())
    context = {"client": client, "label": label, "files": files, **_reader(request, client)}
    return render(request, "attachments/browse.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def add(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Attach a file."""
    by, client = request.actor, find_client(by=request.actor, client_id=client_id)
    data = request.POST if request.method == "POST" else None
    form = AttachForm(data, request.FILES, readers=readers_to_confirm(by=by, client=client))
    if form.is_valid():
        try:
            attachment = add_attachment(by=by, client=client, new=form.new_file, at=timezone.now())
        except (NotToAttach, ReadersNotConfirmed) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The file is attached.")
            return redirect("attachments:read", client_id, attachment.pk)
    context = {"client": client, "label": look_up_label(by=by, client=client, at=timezone.now()), "form": form}
    return render(request, "attachments/add.html", context)


@require_GET
def read(request: ActingRequest, client_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Show what a file is; a picture shows itself."""
    attachment = find_attachment(by=request.actor, client_id=client_id, attachment_id=attachment_id)
    label, opened = look_at_attachment(by=request.actor, attachment=attachment, at=timezone.now())
    client = attachment.client
    context = {"client": client, "label": label, "opened": opened, **_reader(request, client)}
    return render(request, "attachments/read.html", context)


@require_GET
def show(request: ActingRequest, client_id: UUID, attachment_id: UUID) -> HttpResponseBase:
    """Show what is in a file where a browser does so without keeping it: a picture in its page, a PDF by itself."""
    return _open(request, client_id, attachment_id, shown=True)


@require_GET
def fetch(request: ActingRequest, client_id: UUID, attachment_id: UUID) -> HttpResponseBase:
    """Hand a file out, to be kept."""
    return _open(request, client_id, attachment_id)


@require_http_methods(["GET", "POST"])
def remove(request: ActingRequest, client_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Say what it means, then take a file out that was attached in error."""
    by, now = request.actor, timezone.now()
    find_client(by=by, client_id=client_id)
    attachment = find_attachment(by=by, client_id=client_id, attachment_id=attachment_id)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        remove_attachment(by=by, attachment=attachment, error=form.cleaned_data["error"], at=now)
        messages.success(request, "The file is taken out. A line says that it was here.")
        return redirect("attachments:read", client_id, attachment_id)
    label, opened = look_at_attachment(by=by, attachment=attachment, at=now)
    context = {"client": attachment.client, "label": label, "opened": opened, "form": form}
    return render(request, "attachments/remove.html", context)


def _reader(request: ActingRequest, client: "Client") -> dict[str, bool]:
    """Say what this reader may do besides reading, and which page of the record is theirs."""
    in_care = in_care_of(request.actor).filter(client=client.pk).exists()
    return {"in_care": in_care, "as_custodian": is_handed(by=request.actor, client=client)}


def _open(request: ActingRequest, client_id: UUID, attachment_id: UUID, *, shown: bool = False) -> HttpResponseBase:
    attachment = find_attachment(by=request.actor, client_id=client_id, attachment_id=attachment_id)
    try:
        content = read_attachment(by=request.actor, attachment=attachment, at=timezone.now())
    except TakenOut as refusal:
        messages.warning(request, str(refusal))
        return redirect("attachments:read", client_id, attachment_id)
    facts, shown = content.facts, shown and content.facts.kind.is_shown
    return hand_out_as_made(content.pieces, kind=facts.kind.media_type, name=facts.name, size=facts.size, shown=shown)
