"""From an invitation link to an account: code, passphrase, second factor, recovery code."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as confirm_device

from access.acting import Refusal
from access.forms import BeginForm, FactorForm, RecoveryForm, ShortCodeForm
from access.proposing import proposal_for
from access.qr import draw_qr
from access.requests import ActingRequest, VisitorRequest
from access.roles import Role
from access.services.coming_back import is_way_back
from access.services.confirming import my_words
from access.services.enrolment import begin_enrolment, finish_staff_enrolment, show_recovery_codes
from access.services.factors import authenticator, confirm_staff_factor
from access.services.inviting import InvitationGone, find_invitation, open_with_code
from access.services.people import the_practice
from access.web import begin, resume, visitor
from keys.errors import TooBusy

BUSY = "Many people are signing in just now. Please try again in a moment."
# The link alone says nothing, not even whose it is.
NAMELESS = {"practice_name": ""}


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def open_invitation(request: VisitorRequest, token: str) -> HttpResponse:
    """Ask for the short code; with it, ask for a passphrase. The link alone shows nothing."""
    form, now = ShortCodeForm(request.POST if request.method == "POST" else None), timezone.now()
    try:
        find_invitation(token=token, at=now)
        if form.is_valid():
            code = form.cleaned_data["code"]
            _, invited = open_with_code(by=visitor(request), token=token, code=code, at=now)
            return ask_passphrase(request, BeginForm(initial={"code": code, "anew": invited.renews}), token)
    except InvitationGone as refusal:
        return gone(request, refusal)
    except Refusal as refusal:
        form.add_error("code", str(refusal))
    except TooBusy:
        form.add_error(None, BUSY)
    return render(request, "access/open_invitation.html", {"form": form, **NAMELESS})


@sensitive_post_parameters()
@require_POST
def choose_passphrase(request: VisitorRequest, token: str) -> HttpResponse:
    """Make the keys, sign the person in for the rest of the enrolment, and go on to the second factor."""
    wants_other_words = "another" in request.POST
    form = BeginForm(initial=request.POST.dict()) if wants_other_words else BeginForm(request.POST)
    try:
        if form.is_valid():
            code, passphrase = form.cleaned_data["code"], form.cleaned_data["passphrase"]
            opened = begin_enrolment(
                by=visitor(request), token=token, code=code, passphrase=passphrase, at=timezone.now()
            )
            begin(request, opened, device=None)
            return redirect("/")
    except InvitationGone as refusal:
        return gone(request, refusal)
    except Refusal as refusal:
        form.add_error("passphrase", str(refusal))
    except TooBusy:
        form.add_error(None, BUSY)
    return ask_passphrase(request, form, token)


@require_http_methods(["GET", "POST"])
def set_factor(request: ActingRequest) -> HttpResponse:
    """Set up the authenticator app of a colleague."""
    form = FactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            device = confirm_staff_factor(by=request.actor, code=form.cleaned_data["code"], at=timezone.now())
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            confirm_device(request, device)
            return redirect("access:keep_recovery_code")
    context = {"form": form, **app_context(request, issuer=the_practice().name)}
    return render(request, "access/set_factor.html", context)


@require_http_methods(["GET", "POST"])
def keep_recovery_code(request: ActingRequest) -> HttpResponse:
    """Explain the codes, then show them: only a press shows them, because showing replaces the ones before."""
    if request.method == "GET":
        return render(request, "access/recovery_explained.html")
    try:
        code, backup = show_recovery_codes(by=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("/")
    return render(request, "access/keep_recovery_code.html", {"groups": code.split("-"), "backup": backup})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def retype_recovery_code(request: ActingRequest) -> HttpResponse:
    """Have the recovery code typed back: it must open the keys."""
    if request.actor.role == Role.WAITING:
        return redirect("access:wait")
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opened = finish_staff_enrolment(by=request.actor, typed=form.cleaned_data["typed"], at=timezone.now())
        except Refusal as refusal:
            form.add_error("typed", str(refusal))
        else:
            resume(request, opened)
            return redirect("access:wait")
    return render(request, "access/retype_recovery_code.html", {"form": form})


@require_GET
def wait(request: ActingRequest) -> HttpResponse:
    """Show the six words to read aloud until a manager has confirmed them."""
    return render(request, "access/wait.html", {"words": my_words(by=request.actor).split()})


def app_context(request: ActingRequest, *, issuer: str) -> dict[str, object]:
    """Gather what an authenticator app needs: a QR code, the address for the phone itself, and the secret as text.

    :param issuer: how the app will name the entry
    """
    device = authenticator(request.actor.user)
    address = device.address(label=request.actor.user.display_name or "sign-in", issuer=issuer)
    return {"address": address, "qr": draw_qr(address), "secret": device.secret_text()}


def gone(request: VisitorRequest, refusal: InvitationGone) -> HttpResponse:
    """Say that a link no longer works."""
    return render(request, "access/invitation_gone.html", {"reason": refusal, **NAMELESS}, status=410)


def ask_passphrase(request: VisitorRequest, form: BeginForm, token: str) -> HttpResponse:
    """Show the page on which a passphrase is chosen: for a new account, or for new keys in place of lost ones."""
    try:
        is_client = find_invitation(token=token, at=timezone.now()).subject is not None
    except InvitationGone as refusal:
        return gone(request, refusal)
    context = {"form": form, "token": token, **proposal_for(request)}
    context |= {"is_client": is_client, "steps": 2 if is_client else 3}
    leads_back = not is_client and is_way_back(token=token, at=timezone.now())
    return render(request, f"access/{'choose_new' if leads_back else 'choose'}_passphrase.html", context)
