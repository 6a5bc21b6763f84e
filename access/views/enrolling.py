"""From an invitation link to an account: code, passphrase, second factor, recovery code."""

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.forms import BeginForm, FactorForm, RecoveryForm, ShortCodeForm
from access.services.confirming import my_words
from access.services.enrolment import (
    WrongFactor,
    WrongRecoveryCode,
    authenticator,
    begin_enrolment,
    confirm_staff_factor,
    finish_staff_enrolment,
    mail_enrolment_code,
    show_recovery_codes,
)
from access.services.inviting import InvitationGone, find_invitation, open_with_code
from access.services.mailing import can_mail
from access.services.people import the_practice
from access.web import ActingRequest, begin, confirm_device, resume, visitor
from keys.errors import TooBusy
from keys.services import propose_passphrase

_BUSY = "Many people are signing in just now. Please try again in a moment."


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the short code; with it, ask for a passphrase. The link alone shows nothing."""
    try:
        find_invitation(token=token, at=timezone.now())
    except InvitationGone as refusal:
        return render(request, "access/invitation_gone.html", {"reason": refusal}, status=410)
    form = ShortCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row, _ = open_with_code(by=visitor(request), token=token, code=form.cleaned_data["code"], at=timezone.now())
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        except TooBusy:
            form.add_error(None, _BUSY)
        else:
            return _ask_passphrase(request, BeginForm(initial={"code": form.cleaned_data["code"]}), token, row.subject)
    return render(request, "access/open_invitation.html", {"form": form})


@sensitive_post_parameters()
@require_POST
def choose_passphrase(request: HttpRequest, token: str) -> HttpResponse:
    """Make the keys, sign the person in for the rest of the enrolment, and go on to the second factor."""
    form = BeginForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            opened = begin_enrolment(
                by=visitor(request), token=token, code=typed["code"], passphrase=typed["passphrase"], at=timezone.now()
            )
        except InvitationGone as refusal:
            return render(request, "access/invitation_gone.html", {"reason": refusal}, status=410)
        except Refusal as refusal:
            form.add_error("passphrase", str(refusal))
        except TooBusy:
            form.add_error(None, _BUSY)
        else:
            begin(request, opened, device=None)
            return redirect("access:set_factor" if opened.user.is_staff_member else "clients:set_factor")
    return _ask_passphrase(request, form, token, None)


@require_http_methods(["GET", "POST"])
def set_factor(request: ActingRequest) -> HttpResponse:
    """Set up the authenticator app of a colleague."""
    form = FactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            device = confirm_staff_factor(by=request.actor, code=form.cleaned_data["code"], at=timezone.now())
        except WrongFactor as refusal:
            form.add_error("code", str(refusal))
        else:
            confirm_device(request, device)
            return redirect("access:keep_recovery_code")
    return render(request, "access/set_factor.html", factor_context(request, form))


@require_POST
def mail_factor_code(request: ActingRequest) -> HttpResponse:
    """Mail a first code to a client who has no authenticator app."""
    mail_enrolment_code(by=request.actor, at=timezone.now())
    return redirect("clients:set_factor")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def keep_recovery_code(request: ActingRequest) -> HttpResponse:
    """Show the recovery code once and have it typed back."""
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opened = finish_staff_enrolment(by=request.actor, typed=form.cleaned_data["typed"], at=timezone.now())
        except WrongRecoveryCode as refusal:
            form.add_error("typed", str(refusal))
        else:
            resume(request, opened)
            return redirect("access:wait")
    if request.method == "POST":
        return render(request, "access/retype_recovery_code.html", {"form": form})
    code, backup = show_recovery_codes(by=request.actor, at=timezone.now())
    return render(request, "access/keep_recovery_code.html", {"form": form, "code": code, "backup": backup})


@require_http_methods(["GET"])
def wait(request: ActingRequest) -> HttpResponse:
    """Show the six words to read aloud until a manager has confirmed them."""
    return render(request, "access/wait.html", {"words": my_words(by=request.actor)})


def factor_context(request: ActingRequest, form: FactorForm) -> dict[str, object]:
    """Gather what the page about the second factor shows: a QR code that is drawn here, never fetched."""
    device, user = authenticator(request.actor.user), request.actor.user
    # A client's app shows a neutral name: others may see the phone.
    issuer = the_practice().name if user.is_staff_member else "My page"
    address = device.address(label=user.display_name or "sign-in", issuer=issuer)
    qr = segno.make(address, micro=False)
    return {
        "form": form,
        "address": address,
        "qr_path": _svg_path(qr),
        "qr_size": len(qr.matrix),
        "can_mail": can_mail(),
    }


def _svg_path(qr: segno.QRCode) -> str:
    """Write the dark modules as one SVG path: an inline drawing needs no image address and no style."""
    return "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(qr.matrix) for x, cell in enumerate(row) if cell)


def _ask_passphrase(request: HttpRequest, form: BeginForm, token: str, subject: object) -> HttpResponse:
    context = {"form": form, "token": token, "is_client": subject is not None, "proposal": propose_passphrase()}
    return render(request, "access/choose_passphrase.html", context)
