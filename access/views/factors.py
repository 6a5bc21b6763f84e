"""The second factor of an account that has one: another phone, new backup codes, and help for who lost both."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_otp import login as confirm_device

from access.acting import Refusal
from access.forms import NewAppForm
from access.requests import ActingRequest
from access.services import lost_factors
from access.services.lost_factors import NoNewApp, WrongProof
from access.services.people import the_practice
from access.views.enrolling import app_context
from access.web import resume

# Others may see a client's phone: what its app shows says nothing.
_ISSUER_FOR_CLIENTS = "My page"


@require_http_methods(["GET", "POST"])
def begin_app(request: ActingRequest) -> HttpResponse:
    """Explain how another phone takes the old one's place, then draw its QR code."""
    if request.method == "GET":
        return render(request, "access/begin_app.html")
    lost_factors.begin_new_app(by=request.actor)
    return redirect("access:change_app")


@require_http_methods(["GET", "POST"])
def change_app(request: ActingRequest) -> HttpResponse:
    """Show the new app's QR code, and take a code of the old factor with one of the new."""
    if not lost_factors.sets_up_new_app(by=request.actor):
        return redirect("access:begin_app")
    form = NewAppForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _change(request, form):
        messages.success(request, "From now on the new app shows your codes. Elsewhere you are signed out.")
        return redirect("/")
    issuer = the_practice().name if request.actor.user.is_staff_member else _ISSUER_FOR_CLIENTS
    return render(request, "access/change_app.html", {"form": form, **app_context(request, issuer=issuer)})


@require_http_methods(["GET", "POST"])
def print_backup_codes(request: ActingRequest) -> HttpResponse:
    """Explain backup codes, then draw and show eight: only a press shows them, because it ends the ones before."""
    if request.method == "GET":
        return render(request, "access/print_backup_codes.html")
    try:
        codes = lost_factors.print_backup_codes(by=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("access:read_account")
    return render(request, "access/show_backup_codes.html", {"codes": codes})


@require_http_methods(["GET", "POST"])
def remove_factor(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Explain what it means to remove a colleague's second factor, then do it and show the code that stands in."""
    try:
        colleague = lost_factors.find_colleague(by=request.actor, user_id=user_id)
        if request.method == "GET":
            return render(request, "access/remove_factor.html", {"colleague": colleague})
        code = lost_factors.remove_factor(by=request.actor, colleague=colleague, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("access:browse_staff")
    return render(request, "access/stand_in.html", {"label": colleague.display_name, "code": code})


def _change(request: ActingRequest, form: NewAppForm) -> bool:
    typed, browser = form.cleaned_data, request.session.session_key or ""
    try:
        opened, device = lost_factors.change_app(
            by=request.actor, proof=typed["current_code"], code=typed["code"], browser=browser, at=timezone.now()
        )
    except (WrongProof, NoNewApp) as refusal:
        form.add_error("current_code", str(refusal))
    except Refusal as refusal:
        form.add_error("code", str(refusal))
    else:
        resume(request, opened)
        confirm_device(request, device)
    return not form.errors
