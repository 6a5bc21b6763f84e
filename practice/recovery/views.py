"""Pages of a manager's: the way back for a colleague, the ceremony that ends it, and one for clients left behind."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from access.services import coming_back
from access.services.coming_back import NobodyToBringBack
from access.views.people import letter_context
from clients.services.rescuing import browse_waiting_cares
from keys.services import recovery_plan
from practice.recovery.care import find_gone, restricted_recipients
from practice.recovery.care import recover_care as pass_keys_on
from practice.recovery.care import recover_restricted as pass_restricted_on
from practice.recovery.ceremony import Ceremony, lead_recovery, prepare
from practice.recovery.forms import CaresForm, CeremonyForm, RestrictedForm, say_refused
from practice.recovery.naming import name_vaults


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def recover(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Explain and lead the recovery of a colleague's keys."""
    try:
        ceremony = prepare(by=request.actor, user_id=user_id, at=timezone.now())
    except NobodyToBringBack as refusal:
        return _back(request, refusal)
    form = _form(request, ceremony)
    if form.is_valid():
        try:
            typed = {"codes": form.codes(), "seen": form.cleaned_data["fingerprint"]}
            reach = lead_recovery(by=request.actor, user_id=user_id, **typed, at=timezone.now())
        except Refusal as refusal:
            say_refused(form, refusal)
        else:
            messages.success(request, f"Done: {len(reach.back)} vaults open again for {ceremony.user.display_name}.")
            return redirect("access:browse_staff")
    context = {"ceremony": ceremony, "form": form, "gone": name_vaults(ceremony.reach.gone)}
    return render(request, "practice/recover.html", context)


@require_POST
def invite_back(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Make the link and the short code with which a colleague makes new keys; both are shown once."""
    try:
        letter = coming_back.invite_back(by=request.actor, user_id=user_id, at=timezone.now())
    except NobodyToBringBack as refusal:
        return _back(request, refusal)
    context = {"user_id": user_id, **letter_context(letter)}
    return render(request, "practice/letter_back.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def recover_care(request: ActingRequest) -> HttpResponse:
    """Give therapists in care the keys that nobody else can pass on, by enough of the printed codes."""
    by, now, given = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    waiting, (count, needed) = browse_waiting_cares(by=by, at=now), recovery_plan() or (0, 0)
    form, outcomes = CaresForm(given, waiting=waiting, count=count), None
    if form.is_valid():
        chosen = [one for one in waiting if one.mark in form.cleaned_data["cares"]]
        try:
            outcomes = pass_keys_on(by=by, chosen=chosen, codes=form.codes(), at=now)
        except Refusal as refusal:
            say_refused(form, refusal)
    context = {"form": form, "waiting": waiting, "needed": needed, "count": count, "outcomes": outcomes}
    return render(request, "practice/recover_care.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def recover_restricted(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Give a colleague the records of somebody who is gone that managers are not shown, by enough printed codes."""
    by, now, given = request.actor, timezone.now(), request.POST if request.method == "POST" else None
    try:
        gone = find_gone(by=by, user_id=user_id, at=now)
    except Refusal as refusal:
        return _back(request, refusal)
    colleagues, (count, needed) = restricted_recipients(by=by, gone=gone), recovery_plan() or (0, 0)
    form, done = RestrictedForm(given, colleagues=colleagues, count=count), None
    if form.is_valid():
        try:
            done = pass_restricted_on(by=by, gone=gone, seen=form.cleaned_data["to"], codes=form.codes(), at=now)
        except Refusal as refusal:
            say_refused(form, refusal)
    context = {"form": form, "gone": gone, "colleagues": colleagues, "needed": needed, "count": count, "done": done}
    return render(request, "practice/recover_restricted.html", context)


def _back(request: ActingRequest, refusal: Refusal) -> HttpResponse:
    messages.warning(request, str(refusal))
    return redirect("access:browse_staff")


def _form(request: ActingRequest, ceremony: Ceremony) -> CeremonyForm:
    given = request.POST if request.method == "POST" else None
    initial = {"fingerprint": ceremony.fingerprint.hex()}
    return CeremonyForm(given, initial=initial, count=ceremony.count)
