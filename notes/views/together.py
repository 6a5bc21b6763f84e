"""A session of several people: begun at once, written part by part, reviewed and signed together."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.acting import Actor, Refusal
from access.requests import ActingRequest
from access.services.people import the_practice
from clients.services.contacts import look_up_label
from clients.services.units import find_unit, look_at_members
from clients.services.vaults import readers_to_confirm
from notes.forms.together import TogetherForm
from notes.services.finding import find_draft
from notes.services.redating import say_next
from notes.services.together import begin_together, parts_of
from notes.views.drafts import until_signed

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Draft


@require_http_methods(["GET", "POST"])
def begin(request: ActingRequest, unit_id: UUID) -> HttpResponse:
    """Say when it was and who was there; the gate answers."""
    by, now = request.actor, timezone.now()
    unit = find_unit(by=by, unit_id=unit_id)
    seats = [seat for seat in look_at_members(by=by, unit=unit, at=now) if seat.label]
    data, readers = request.POST if request.method == "POST" else None, readers_to_confirm(by=by, client=unit)
    form = TogetherForm(data, founded_at=the_practice().founded_at, seats=seats, readers=readers)
    if form.is_valid():
        try:
            return redirect("notes:browse_parts", _begin(by, unit, form, now).pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    label = look_up_label(by=by, client=unit, at=now)
    return render(request, "notes/begin_together.html", {"form": form, "client": unit, "label": label, "seats": seats})


def _begin(by: Actor, unit: "Client", form: TogetherForm, at: datetime) -> "Draft":
    plan, present = form.plan(), frozenset(form.cleaned_data["present"])
    common = begin_together(by=by, unit=unit, plan=plan, present=present, at=at)
    say_next(by=by, draft=common, next_at=plan.next_at, at=at)
    return common


@require_GET
@until_signed
def browse_parts(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """List what is to be written about one session together."""
    by, now = request.actor, timezone.now()
    common = find_draft(by=by, draft_id=draft_id)
    if not common.client.is_unit:
        return redirect("notes:write", draft_id)
    drafts = [common, *parts_of(by=by, common=common)]
    rows = [(draft, look_up_label(by=by, client=draft.client, at=now)) for draft in drafts]
    return render(request, "notes/browse_parts.html", {"common": common, "rows": rows, "label": rows[0][1]})
