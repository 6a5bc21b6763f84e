"""Reviewing and signing in one sitting what has gathered."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from access.requests import ActingRequest
from notes.forms.sitting import SittingForm
from notes.services.finding import AlreadySigned, find_draft
from notes.services.sitting import Outcome, review_all, sign_all

if TYPE_CHECKING:
    from notes.models import Draft


@require_GET
def review(request: ActingRequest) -> HttpResponse:
    """Show every draft whole, each with its tick; of a session together, that and its parts."""
    common = _asked(request)
    sitting = review_all(by=request.actor, common=common, at=timezone.now())
    return render(request, "notes/review_all.html", {"sitting": sitting})


@require_POST
def sign(request: ActingRequest) -> HttpResponse:
    """Sign what was ticked, and say what came of each."""
    form = SittingForm(request.POST)
    if not form.is_valid():
        messages.warning(request, next(str(errors[0]) for errors in form.errors.values()))
        return redirect("notes:review_all")
    outcome = sign_all(by=request.actor, ticked=form.ticked(), at=timezone.now())
    _tell(request, outcome)
    return redirect("notes:review_all" if outcome.refused or outcome.broken else "notes:today")


def _asked(request: ActingRequest) -> "Draft | None":
    try:
        return find_draft(by=request.actor, draft_id=UUID(request.GET["with"]))
    except (KeyError, ValueError, AlreadySigned):
        return None


def _tell(request: ActingRequest, outcome: Outcome) -> None:
    count = len(outcome.signed)
    if count:
        messages.success(request, f"{count} note{pluralize(count)} signed and locked.")
    for why in dict.fromkeys(outcome.refused):
        messages.warning(request, f"Not signed: {why}")
    if outcome.broken:
        kept = "What was signed before stays signed." if count else "Nothing was signed."
        messages.warning(request, f"Something failed on the practice’s server, and the rest is still a draft. {kept}")
