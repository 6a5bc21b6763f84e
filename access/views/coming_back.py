"""New keys in place of lost ones: passphrase, recovery code typed back, and six words for the ceremony."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from access.acting import Refusal
from access.forms import BeginForm, RecoveryForm
from access.requests import VisitorRequest
from access.services import coming_back
from access.services.inviting import InvitationGone
from access.views.enrolling import BUSY, NAMELESS, ask_passphrase, gone
from access.web import visitor
from keys.errors import TooBusy


@sensitive_post_parameters()
@require_POST
def make_keys(request: VisitorRequest, token: str) -> HttpResponse:
    """Make the new keys and show their recovery code, this once."""
    wants_other_words = "another" in request.POST
    form = BeginForm(initial=request.POST.dict()) if wants_other_words else BeginForm(request.POST)
    try:
        if form.is_valid():
            code, passphrase = form.cleaned_data["code"], form.cleaned_data["passphrase"]
            typed = {"token": token, "code": code, "passphrase": passphrase}
            recovery_code = coming_back.make_keys(by=visitor(request), **typed, at=timezone.now())
            return _ask_code(request, RecoveryForm(), token, groups=recovery_code.split("-"))
    except InvitationGone as refusal:
        return gone(request, refusal)
    except Refusal as refusal:
        form.add_error("passphrase", str(refusal))
    except TooBusy:
        form.add_error(None, BUSY)
    return ask_passphrase(request, form, token)


@sensitive_post_parameters()
@require_POST
def prove_keys(request: VisitorRequest, token: str) -> HttpResponse:
    """Take the recovery code typed back, and show the six words for the ceremony."""
    form = RecoveryForm(request.POST)
    try:
        if form.is_valid():
            typed = form.cleaned_data["typed"]
            words = coming_back.prove_keys(by=visitor(request), token=token, typed=typed, at=timezone.now())
            return render(request, "access/new_keys_wait.html", {"words": words.split(), **NAMELESS})
    except InvitationGone as refusal:
        return gone(request, refusal)
    except Refusal as refusal:
        form.add_error("typed", str(refusal))
    return _ask_code(request, form, token)


def _ask_code(request: VisitorRequest, form: RecoveryForm, token: str, groups: list[str] | None = None) -> HttpResponse:
    context = {"form": form, "token": token, "groups": groups, **NAMELESS}
    return render(request, "access/new_recovery_code.html", context)
