"""A client's own pages: the last step of setting up, the first page, and who opened the record."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as confirm_device

from access.acting import Refusal
from access.forms import FactorForm
from access.requests import ActingRequest
from access.roles import Role
from access.services.factors import mail_enrolment_code
from access.services.mailing import can_mail
from access.services.people import the_practice
from access.views.enrolling import app_context
from access.web import resume
from clients.forms import JoinForm
from clients.services.custody import custodians_of
from clients.services.enrolling import finish_enrolment, join_record
from clients.services.finding import find_client
from clients.services.letters import browse_letters
from clients.services.looks import browse_looks
from clients.services.own import name_of_record
from clients.services.readers import browse_readers, recovery_codes
from clients.services.supervised import in_training_with
from keys.errors import TooBusy

# Others may see the phone: what its app shows says nothing.
_ISSUER = "My page"


@require_http_methods(["GET", "POST"])
def set_factor(request: ActingRequest) -> HttpResponse:
    """Set up the client's second factor, which finishes the account."""
    if request.actor.role == Role.CLIENT:
        return redirect("practice:my_page")
    form = FactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opened, device = finish_enrolment(by=request.actor, code=form.cleaned_data["code"], at=timezone.now())
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            resume(request, opened)
            confirm_device(request, device)
            return redirect("practice:my_page")
    ways = {"can_mail": can_mail(), "by_mail": "mailed" in request.GET}
    context = {"form": form, **ways, **app_context(request, issuer=_ISSUER)}
    return render(request, "clients/set_factor.html", context)


@require_POST
def mail_code(request: ActingRequest) -> HttpResponse:
    """Mail a first code to a client who has no authenticator app."""
    try:
        mail_enrolment_code(by=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("clients:set_factor")
    return redirect(reverse("clients:set_factor") + "?mailed")


@require_GET
def my_looks(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show a client who opened this record of theirs, when and why."""
    client = find_client(by=request.actor, client_id=client_id)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() else None
    page = browse_looks(by=request.actor, client=client, before=before, at=timezone.now())
    context = {
        "client": client,
        "record_name": name_of_record(by=request.actor, client=client),
        "page": page,
        "is_first": before is None,
    }
    return render(request, "clients/my_looks.html", context)


@require_GET
def my_readers(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show a client who can open what of their record."""
    by, client = request.actor, find_client(by=request.actor, client_id=client_id)
    doors = browse_readers(by=by, client=client, at=timezone.now())
    context = {"client": client, "record_name": name_of_record(by=by, client=client), "doors": doors}
    context |= {"custodians": custodians_of(client, at=timezone.now()), "codes": recovery_codes()}
    context["in_training"] = in_training_with(client, at=timezone.now())
    return render(request, "clients/my_readers.html", context)


@require_GET
def my_letters(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show a client the practice's letters about who looks after them."""
    by, client = request.actor, find_client(by=request.actor, client_id=client_id)
    letters = browse_letters(by=by, client=client, at=timezone.now())
    context = {"client": client, "record_name": name_of_record(by=by, client=client), "letters": letters}
    return render(request, "clients/my_letters.html", {**context, "practice": the_practice()})


@require_http_methods(["GET", "POST"])
def join(request: ActingRequest) -> HttpResponse:
    """Take up one more invitation with the account one has."""
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            join_record(by=request.actor, token=typed["link"], code=typed["code"], at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        except TooBusy:
            form.add_error(None, "Many people are signing in just now. Please try again in a moment.")
        else:
            messages.success(request, "Done. What belongs to this invitation is on your page now.")
            return redirect("practice:my_page")
    return render(request, "clients/join.html", {"form": form})
