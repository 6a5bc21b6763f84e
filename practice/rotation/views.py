"""How far the replacing of keys has come."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from clients.services.rotating import read_progress, rotate_next

_STEPS = 20


@require_http_methods(["GET", "POST"])
def follow_rotation(request: ActingRequest) -> HttpResponse:
    """Show what waits; a press goes on with what this person holds, a good bit at a time."""
    if request.method == "POST":
        steps = sum(rotate_next(by=request.actor, at=timezone.now()) for _ in range(_STEPS))
        messages.info(request, "A part was done." if steps else "There is nothing more that your keys can do now.")
        return redirect("practice:follow_rotation")
    return render(request, "practice/follow_rotation.html", {"progress": read_progress(by=request.actor)})
