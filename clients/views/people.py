"""Confirming a colleague. It lives here because a new manager gets the clients' contacts in the same act."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from access.acting import Refusal
from access.forms import FingerprintForm
from access.requests import ActingRequest
from access.services.confirming import confirm_staff
from clients.services.caring import grant_contacts


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
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Confirmed. They can start working the next time they open a page.")
    return redirect("access:browse_staff")
