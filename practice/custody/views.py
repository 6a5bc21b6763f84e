"""One page for the release of a colleague's will: whatever comes next stands on it, and nothing else can be sent."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Actor, Refusal
from access.requests import ActingRequest
from access.roles import Role
from clients.services import releasing
from clients.services.sharing import recipient_of
from clients.services.stages import NotYours, Stage, find_will, stage_of
from keys.services import recovery_plan
from practice.custody.turns import form_for, send
from practice.recovery.forms import say_refused


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def release(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Show how far the release of a colleague's will has come, and take its next step."""
    by, now = request.actor, timezone.now()
    try:
        will = find_will(by=by, therapist_id=user_id)
    except NotYours as refusal:
        return _away(request, refusal)
    stage = stage_of(will, at=now)
    form = form_for(by=by, will=will, stage=stage, data=request.POST if request.method == "POST" else None)
    if form is not None and form.is_valid():
        try:
            done = send(form, by=by, will=will, stage=stage, at=now)
        except Refusal as refusal:
            say_refused(form, refusal)
        else:
            messages.success(request, done)
            return redirect("practice:release", user_id)
    context = {"will": will, "stage": stage, "form": form, "custodian": recipient_of(will.custodian, None)}
    return render(request, "practice/release.html", context | _told(by, stage, now))


@require_POST
def stop_release(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Stop all that stands of a release."""
    try:
        releasing.stop_release(
            by=request.actor, will=find_will(by=request.actor, therapist_id=user_id), at=timezone.now()
        )
    except Refusal as refusal:
        return _away(request, refusal)
    messages.success(request, "Stopped. What the custodian was given is taken back.")
    return redirect("practice:release", user_id)


def _told(by: Actor, stage: Stage, at: datetime) -> dict[str, object]:
    """Gather why it was asked for, and how many printed codes it takes."""
    count, needed = recovery_plan() or (0, 0)
    reason = releasing.read_reason(by=by, release=stage.release, at=at) if stage.release else None
    return {"reason": reason, "count": count, "needed": needed}


def _away(request: ActingRequest, refusal: Refusal) -> HttpResponse:
    messages.warning(request, str(refusal))
    return redirect("access:browse_staff" if request.actor.role == Role.MANAGER else "clients:browse_custody")
