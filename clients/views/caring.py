"""The practice's pages about clients: who they are, and whose care they are in. Nothing clinical is here."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.forms import FingerprintForm, OnceForm
from access.requests import ActingRequest
from access.roles import Role
from access.services.people import the_practice
from clients.forms import TherapistForm
from clients.services import therapy
from clients.services.caring import start_care, therapists_to_add
from clients.services.caseloads import carers
from clients.services.contacts import browse_clients, look_up_label
from clients.services.covers import covers_of
from clients.services.enrolling import confirm_identity
from clients.services.finding import find_client, in_care_of
from clients.services.inviting import may_invite
from clients.services.reading import read_client
from clients.services.returning import NewKeysChanged, confirm_new_keys
from clients.services.units import units_with


@require_GET
def browse(request: ActingRequest) -> HttpResponse:
    """List the clients this person may know of."""
    listed = browse_clients(by=request.actor, at=timezone.now())
    context = {"listed": listed, "may_invite": may_invite(by=request.actor), "carers": carers()}
    return render(request, "clients/browse.html", context)


@require_GET
def read(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show one client's contact, care team and account."""
    by = request.actor
    client = find_client(by=by, client_id=client_id)
    page = read_client(by=by, client=client, at=timezone.now())
    context = {
        "page": page,
        "in_care": any(carer.user == by.user for carer in page.team),
        "is_manager": by.role == Role.MANAGER,
        "may_invite": may_invite(by=by, client=client),
        "may_restrict": the_practice().hidden_clients,
        "covers": covers_of(client, at=timezone.now()),
        "renewal": OnceForm(),
        "units": units_with(by=by, client=client),
    }
    return render(request, "clients/read.html", context)


@require_http_methods(["GET", "POST"])
def start(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Add a therapist to a client's care team."""
    by = request.actor
    client = find_client(by=by, client_id=client_id)
    therapists = therapists_to_add(client)
    form = TherapistForm(request.POST if request.method == "POST" else None, therapists=therapists)
    if form.is_valid():
        therapist_id = UUID(form.cleaned_data["therapist"])
        try:
            start_care(by=by, client=client, therapist_id=therapist_id, at=timezone.now())
        except Refusal as refusal:
            form.add_error("therapist", str(refusal))
        else:
            messages.success(request, "Added. The therapist sees this client from now on.")
            return redirect("clients:read", client.pk)
    label = look_up_label(by=by, client=client, at=timezone.now())
    context = {"form": form, "client": client, "label": label, "therapists": therapists}
    return render(request, "clients/start_care.html", context)


@require_GET
def browse_ended(request: ActingRequest) -> HttpResponse:
    """List whose record this therapist keeps since the therapy ended."""
    context = {"ended": therapy.browse_ended(by=request.actor, at=timezone.now())}
    return render(request, "clients/browse_ended.html", context)


@require_POST
def resume(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Take a client into care again; a form sent twice finds it done."""
    if in_care_of(request.actor).filter(client=client_id).exists():
        return redirect("clients:read", client_id)
    client = therapy.find_ended(by=request.actor, client_id=client_id)
    therapy.resume_care(by=request.actor, client=client, at=timezone.now())
    messages.success(request, "In your care again. The client finds a letter on their page that says so.")
    return redirect("clients:read", client.pk)


@require_POST
def confirm_keys(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Confirm a client's new keys, whose six words matched."""
    client, form = find_client(by=request.actor, client_id=client_id), FingerprintForm(request.POST)
    # What is no hash is no hash of these keys either.
    seen = form.cleaned_data["fingerprint"] if form.is_valid() else b""
    try:
        confirm_new_keys(by=request.actor, client=client, seen=seen, at=timezone.now())
    except NewKeysChanged as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Confirmed. The new keys belong to this client.")
    return redirect("clients:read", client.pk)


@require_POST
def confirm(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Confirm in the room that the account is this client's."""
    client = find_client(by=request.actor, client_id=client_id)
    try:
        confirm_identity(by=request.actor, client=client, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Confirmed. The account belongs to this client.")
    return redirect("clients:read", client.pk)
