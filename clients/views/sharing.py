"""Who can read a record, passing its keys on, handing a client over, and ending a care."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_GET, require_http_methods

from access.requests import ActingRequest
from access.roles import Role
from clients.forms import HandOverForm, ShareForm, TherapistForm
from clients.services.contacts import look_up_label
from clients.services.ending import NobodyElseHolds, NotInTheirCare, end_care
from clients.services.finding import care_team, find_client
from clients.services.handing import colleagues_for, hand_over
from clients.services.readers import browse_readers, recovery_codes
from clients.services.sharing import NoKeyToShare, RecipientChanged, recipients_of, share_keys

if TYPE_CHECKING:
    from access.models import User
    from clients.models import Client


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show who can open what of a client."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    label = look_up_label(by=request.actor, client=client, at=now)
    doors = browse_readers(by=request.actor, client=client, at=now)
    context = {"client": client, "label": label, "doors": doors, "codes": recovery_codes()}
    return render(request, "clients/browse_readers.html", context)


@require_http_methods(["GET", "POST"])
def share(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Pass keys on to whoever waits for them, shown by name and confirmed."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    client = find_client(by=by, client_id=client_id)
    waiting = [recipient for recipient in recipients_of(by=by, client=client) if recipient.lacks]
    form = ShareForm(data, recipients=waiting)
    if form.is_valid():
        try:
            shared = share_keys(by=by, client=client, seen=form.seen, at=now)
        except (NoKeyToShare, RecipientChanged) as refusal:
            form.add_error(None, str(refusal))
        else:
            names = get_text_list([recipient.name for recipient in shared], "and")
            messages.success(request, f"Shared. {names} can open it from now on.")
            return redirect("clients:browse_readers", client.pk)
    label = look_up_label(by=by, client=client, at=now)
    return render(request, "clients/share.html", _about(client, label, form, recipients=waiting))


@require_http_methods(["GET", "POST"])
def pass_on(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Hand a client over to a colleague: care, keys, and the end of one's own."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    client = find_client(by=by, client_id=client_id)
    label, colleagues = look_up_label(by=by, client=client, at=now), colleagues_for(by=by, client=client)
    form = HandOverForm(data, colleagues=colleagues)
    if form.is_valid():
        try:
            care = hand_over(by=by, client=client, seen=form.cleaned_data["to"], at=now)
        except (NoKeyToShare, RecipientChanged) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Handed over. {care.therapist.display_name} cares for {label} from now on.")
            return redirect("clients:browse")
    return render(request, "clients/hand_over.html", _about(client, label, form, colleagues=colleagues))


@require_http_methods(["GET", "POST"])
def end(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """End a therapist's care of a client."""
    by, now, data = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    client = find_client(by=by, client_id=client_id)
    label, ending = look_up_label(by=by, client=client, at=now), _may_end(request, client)
    form = TherapistForm(data, therapists=ending)
    if form.is_valid():
        try:
            end_care(by=by, client=client, therapist_id=UUID(form.cleaned_data["therapist"]), at=now)
        except (NobodyElseHolds, NotInTheirCare) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Ended. The keys to the record of {label} were taken back.")
            return redirect("clients:browse")
    return render(request, "clients/end_care.html", _about(client, label, form, ending=ending))


def _may_end(request: ActingRequest, client: "Client") -> "list[User]":
    by = request.actor
    return [user for user in care_team(client) if by.role == Role.MANAGER or user == by.user]


def _about(client: "Client", label: str, form: object, **rest: object) -> dict[str, object]:
    return {"client": client, "label": label, "form": form, **rest}
