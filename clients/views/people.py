"""Confirming a colleague, and ending the account of one who leaves: both reach the keys of clients in the same act."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.forms import FingerprintForm
from access.requests import ActingRequest
from access.services.confirming import confirm_staff
from clients.services.caring import grant_contacts
from clients.services.leaving import OnlyHolder, end_account, prepare_leaving
from clients.services.readers import recovery_codes


@require_POST
def confirm_colleague(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Certify a colleague whose six words matched."""
    by, form, now = request.actor, FingerprintForm(request.POST), timezone.now()
    # What is no hash is no hash of these keys either.
    seen = form.cleaned_data["fingerprint"] if form.is_valid() else b""
    try:
        confirm_staff(
            by=by,
            user_id=user_id,
            seen=seen,
            grant_contacts=lambda user: grant_contacts(by=by, user=user, at=now),
            at=now,
        )
    except Refusal as refusal:
        return _back(request, refusal)
    messages.success(request, "Confirmed. They can start working the next time they open a page.")
    return redirect("access:browse_staff")


@require_http_methods(["GET", "POST"])
def end(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Say what the end of a colleague's account means, or what stands in its way; then end it for good."""
    by, refusal = request.actor, None
    try:
        if request.method == "POST":
            user = end_account(by=by, user_id=user_id, at=timezone.now())
            messages.success(request, f"Ended. {user.display_name} cannot sign in any more, and holds no key.")
            return redirect("access:browse_staff")
    except OnlyHolder as only:
        refusal = only
    except Refusal as other:
        return _back(request, other)
    return _show(request, user_id, refusal)


def _show(request: ActingRequest, user_id: UUID, refusal: OnlyHolder | None) -> HttpResponse:
    try:
        leaving = prepare_leaving(by=request.actor, user_id=user_id)
    except Refusal as gone:
        return _back(request, gone)
    context = {"leaving": leaving, "refusal": refusal, "codes": recovery_codes()}
    return render(request, "clients/end_account.html", context)


def _back(request: ActingRequest, refusal: Refusal) -> HttpResponse:
    messages.warning(request, str(refusal))
    return redirect("access:browse_staff")
