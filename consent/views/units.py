"""Who belongs to a couple, family or group, and what each of them has signed."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from access.requests import ActingRequest
from clients.services.units import find_unit
from consent.kinds import EMERGENCY_WORDS
from consent.services.looking_together import look_at_unit


@require_GET
def browse_members(request: ActingRequest, unit_id: UUID) -> HttpResponse:
    """Show who belongs, as far as this therapist cares for them too."""
    unit = find_unit(by=request.actor, unit_id=unit_id)
    seen = look_at_unit(by=request.actor, unit=unit, at=timezone.now())
    reasons = [(reason, EMERGENCY_WORDS[reason.code]) for reason in seen.reasons]
    return render(request, "consent/browse_members.html", {"client": unit, "seen": seen, "reasons": reasons})
