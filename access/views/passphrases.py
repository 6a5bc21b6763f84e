"""Another passphrase: because somebody wants one, or because the old one is forgotten."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from access.acting import Actor, Refusal
from access.forms import ChangeForm
from access.proposing import proposal_for
from access.requests import ActingRequest
from access.services import passphrases, rekeying
from access.services.key_sessions import OpenSession
from access.services.passphrases import Change
from access.services.signing_in import PassphraseRefused
from access.web import resume
from keys.errors import TooBusy

Exchange = Callable[..., tuple[OpenSession, str]]
_BUSY = "Many people are signing in just now. Please try again in a moment."


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_passphrase(request: ActingRequest) -> HttpResponse:
    """Put another passphrase in the place of one's own."""
    is_sent = request.method == "POST" and "another" not in request.POST
    form = ChangeForm(request.POST if is_sent else None)
    if form.is_valid() and _exchange(request, form, _change_only) is not None:
        messages.success(request, "Your passphrase is changed. Wherever else you were signed in, you are not any more.")
        return redirect("access:read_account")
    return render(request, "access/change_passphrase.html", {"form": form, **proposal_for(request)})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def replace_keys(request: ActingRequest) -> HttpResponse:
    """Replace passphrase and keys, because somebody else knows the passphrase; staff are shown a new recovery code."""
    is_sent = request.method == "POST" and "another" not in request.POST
    form = ChangeForm(request.POST if is_sent else None)
    code = _exchange(request, form, rekeying.replace_keys) if form.is_valid() else None
    if code is None:
        context = {"form": form, "self_confirming": rekeying.confirms_itself(by=request.actor), **proposal_for(request)}
        return render(request, "access/replace_keys.html", context)
    if code:
        return render(request, "access/show_recovery_code.html", {"groups": code.split("-")})
    messages.success(request, "You have new keys. Please read the six words on this page to your therapist.")
    return redirect("/")


def _exchange(request: ActingRequest, form: ChangeForm, service: Exchange) -> str | None:
    """Put a new passphrase in the place of the old one by a service; none if it refused, which the form then says."""
    change = Change(old=form.cleaned_data["current_passphrase"], new=form.cleaned_data["passphrase"])
    browser = request.session.session_key or ""
    try:
        opened, code = service(by=request.actor, change=change, browser=browser, at=timezone.now())
    except PassphraseRefused as refusal:
        form.add_error("current_passphrase", str(refusal))
    except Refusal as refusal:
        form.add_error("passphrase", str(refusal))
    except TooBusy:
        form.add_error(None, _BUSY)
    else:
        resume(request, opened)
        # Django ties a browser's session to the verifier: only this browser is told the new one.
        update_session_auth_hash(request, opened.user)
        return code
    return None


def _change_only(*, by: Actor, change: Change, browser: str, at: datetime) -> tuple[OpenSession, str]:
    return passphrases.change_passphrase(by=by, change=change, browser=browser, at=at), ""
