"""Ways back: the page that names them, the recovery code in earnest, and the code typed now and then."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from access.acting import Refusal
from access.forms import RecoverForm, RecoveryForm
from access.proposing import proposal_for
from access.requests import ActingRequest, VisitorRequest
from access.services import recovering, recovery_codes
from access.services.passphrases import ChangedMeanwhile, PassphraseTooWeak
from access.services.people import the_practice
from access.services.recovering import Typed
from access.web import begin, visitor
from keys.errors import TooBusy

_BUSY = "Many people are signing in just now. Please try again in a moment."


@require_GET
def find_way_back(request: VisitorRequest) -> HttpResponse:
    """Say what can be done without passphrase, phone or code, what it restores, and what can wait."""
    practice = the_practice()
    context = {"practice": practice, "is_988": practice.crisis_line.startswith("988")}
    return render(request, "access/find_way_back.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def recover(request: VisitorRequest) -> HttpResponse:
    """Take the recovery code and a new passphrase; the account goes on with a new recovery code."""
    is_sent = request.method == "POST" and "another" not in request.POST
    form = RecoverForm(request.POST if is_sent else None)
    if form.is_valid() and _recover(request, form):
        messages.success(request, "Your new passphrase holds. The recovery code you used opens nothing any more.")
        return redirect("/")
    return render(request, "access/recover.html", {"form": form, **proposal_for(request)})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def prove_recovery_code(request: ActingRequest) -> HttpResponse:
    """Have the recovery code typed back: after it was drawn, and now and then."""
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = form.cleaned_data["typed"]
        try:
            recovery_codes.prove_recovery_code(by=request.actor, typed=typed, at=timezone.now())
        except Refusal as refusal:
            form.add_error("typed", str(refusal))
        else:
            messages.success(request, "That is the right code, and it is still good. Put it back in its safe place.")
            return redirect("/")
    return render(request, "access/prove_recovery_code.html", {"form": form})


@require_http_methods(["GET", "POST"])
def renew_recovery_code(request: ActingRequest) -> HttpResponse:
    """Explain the recovery code, then draw and show another: only a press shows it, because it ends the one before."""
    if request.method == "GET":
        return render(request, "access/renew_recovery_code.html")
    code = recovery_codes.renew_recovery_code(by=request.actor, at=timezone.now())
    return render(request, "access/show_recovery_code.html", {"groups": code.split("-")})


def _recover(request: VisitorRequest, form: RecoverForm) -> bool:
    said = form.cleaned_data
    typed = Typed(said["address"], said["typed"], said["code"], said["passphrase"])
    try:
        opened, device = recovering.recover(by=visitor(request), typed=typed, at=timezone.now())
    except (PassphraseTooWeak, ChangedMeanwhile) as refusal:
        form.add_error("passphrase", str(refusal))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
    except TooBusy:
        form.add_error(None, _BUSY)
    else:
        begin(request, opened, device=device)
    return not form.errors
