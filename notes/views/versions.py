"""What a draft held before, and drafts that were thrown away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from access.requests import ActingRequest
from notes.forms.texts import BringBackForm
from notes.services import looking_back
from notes.services.desk import name_client, thrown_away_of
from notes.services.looking_back import NotBroughtBack, find_text
from notes.services.versions import LASTS
from notes.views.drafts import until_signed


@require_GET
def browse_thrown_away(request: ActingRequest) -> HttpResponse:
    """List the drafts that can be brought back."""
    rows = thrown_away_of(by=request.actor, at=timezone.now())
    return render(request, "notes/browse_thrown_away.html", {"rows": rows, "days": LASTS.days})


@require_GET
@until_signed
def look_back(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Show what a draft held before."""
    now = timezone.now()
    seen = looking_back.look_back(by=request.actor, draft_id=draft_id, at=now)
    about = name_client(by=request.actor, client=seen.text.client, at=now)
    return render(request, "notes/look_back.html", {"seen": seen, "about": about, "days": LASTS.days})


@require_POST
@until_signed
def bring_back(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Bring an earlier text back, or a draft that was thrown away."""
    by, now, form = request.actor, timezone.now(), BringBackForm(request.POST)
    find_text(by=by, draft_id=draft_id, at=now)
    if not form.is_valid():
        return redirect("notes:look_back", draft_id)
    try:
        looking_back.bring_back(by=by, draft_id=draft_id, version_id=form.cleaned_data["version"], at=now)
    except NotBroughtBack as refusal:
        messages.warning(request, str(refusal))
        return redirect("notes:look_back", draft_id)
    messages.success(request, "The text is back. What stood here before is among the earlier versions.")
    return redirect("notes:write", draft_id)
