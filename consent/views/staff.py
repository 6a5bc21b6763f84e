"""What therapists and managers see of a consent."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.requests import ActingRequest
from clients.services.contacts import look_up_label
from clients.services.covers import find_client_or_covered
from clients.services.finding import find_client
from clients.services.opening import openings_to_review, tell_of
from clients.services.vaults import NoRecordYet, ReadersNotConfirmed, readers_to_confirm
from consent.forms import OverrideForm
from consent.kinds import EMERGENCY_WORDS, EmergencyCode
from consent.services.deciding import state_of
from consent.services.discussing import mark_discussed
from consent.services.looking import look_at_consent
from consent.services.overriding import Emergency, look_at_manager_lines, open_override, override_alerts
from consent.services.paper import paper_wishes


@require_GET
def read_record(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Read what a client is asked or has signed, what stayed unclear, and what they asked."""
    client = find_client(by=request.actor, client_id=client_id)
    if client.is_unit:
        return redirect("consent:browse_members", client_id)
    seen = look_at_consent(by=request.actor, client=client, at=timezone.now())
    reasons = [(reason, EMERGENCY_WORDS[reason.code]) for reason in seen.reasons]
    return render(request, "consent/read_record.html", {"client": client, "seen": seen, "reasons": reasons})


@require_POST
def discuss(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Take the tick: we talked about it."""
    client = find_client(by=request.actor, client_id=client_id)
    mark_discussed(by=request.actor, client=client, at=timezone.now())
    return redirect("consent:read_record", client_id=client_id)


@require_http_methods(["GET", "POST"])
def override(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Give the reason why writing cannot wait for the signature."""
    client, now = find_client_or_covered(by=request.actor, client_id=client_id), timezone.now()
    readers = readers_to_confirm(by=request.actor, client=client)
    form = OverrideForm(request.POST if request.method == "POST" else None, readers=readers)
    if form.is_valid() and _opened(request, client_id, form):
        messages.success(request, "You can write an emergency note now, for 72 hours.")
        # Straight on to what could not wait.
        return redirect(reverse("notes:begin", args=[client_id], query={"kind": "emergency"}))
    label = look_up_label(by=request.actor, client=client, at=now)
    context = {"client": client, "label": label, "form": form, "standing": state_of(client=client, at=now)}
    return render(request, "consent/override.html", context)


@require_GET
def browse_overrides(request: ActingRequest) -> HttpResponse:
    """Show a manager the emergency reasons that no signature has answered yet."""
    now = timezone.now()
    alerts = override_alerts(by=request.actor, at=now)
    lines = look_at_manager_lines(by=request.actor, alerts=alerts, at=now)
    rows = [(alert, EMERGENCY_WORDS[alert.code], lines.get(alert.id)) for alert in alerts]
    opened = tell_of(openings_to_review(by=request.actor, at=now), by=request.actor, at=now)
    context = {"rows": rows, "opened": opened, "paper": paper_wishes(by=request.actor, at=now)}
    return render(request, "consent/browse_overrides.html", context)


def _opened(request: ActingRequest, client_id: UUID, form: OverrideForm) -> bool:
    typed, now = form.cleaned_data, timezone.now()
    client = find_client_or_covered(by=request.actor, client_id=client_id)
    emergency = Emergency(EmergencyCode(typed["code"]), typed["reason"], typed["manager_line"], typed["nonce"])
    try:
        open_override(by=request.actor, client=client, emergency=emergency, confirmed=form.confirmed, at=now)
    except (NoRecordYet, ReadersNotConfirmed) as refusal:
        form.add_error(None, str(refusal))
    return not form.errors
