"""Two pages: the log, and one entry of it. Looking at either is an entry itself, written before anything is shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from access.acting import Actor
from access.requests import ActingRequest
from audit.actors import Named
from audit.acts import Act, Outcome
from audit.services import Filters, count_entries, record_look
from audit.services import browse_log as browse_entries
from audit.services import read_entry as find_entry
from clients.services.purposes import purpose_of
from practice.log.filters import LogForm
from practice.log.lines import facts_of, lines_of

_DAYS = 7


@dataclass(frozen=True)
class Figures:
    """Three plain numbers of the last seven days."""

    entries: int
    refused: int
    emergencies: int


@require_http_methods(["GET", "POST"])
def browse_log(request: ActingRequest) -> HttpResponse:
    """Show the log, newest first, narrowed by what is in the address.

    The fields come by POST and turn into an address once they are known to be right: a name typed for a code stands
    in no address, no history and no server's log.
    """
    now, by = timezone.now(), request.actor
    form = LogForm(request.POST if request.method == "POST" else request.GET, by=by)
    if request.method == "POST" and form.is_valid():
        return HttpResponseRedirect(_address(form, None))
    filters = form.filters() if form.is_valid() else None
    subjects = [filters.subject] if filters and filters.subject else []
    receipt = record_look(Act.LOG_VIEWED, by=by, subjects=subjects, purpose=purpose_of(by), at=now)
    context = {"form": form, "figures": _figures(now), "zone": timezone.get_current_timezone_name()}
    if filters is not None:
        context |= _page(form, filters, by=by, looked=receipt.entry_id)
    return render(request, "practice/browse_log.html", context)


@require_GET
def read_entry(request: ActingRequest, entry_id: UUID) -> HttpResponse:
    """Show all that one entry says."""
    target = Named("audit.entry", entry_id)
    record_look(Act.LOG_VIEWED, by=request.actor, target=target, purpose=purpose_of(request.actor), at=timezone.now())
    entry = find_entry(entry_id)
    if entry is None:
        raise Http404
    [line] = lines_of([entry], by=request.actor)
    context = {
        "line": line,
        "facts": facts_of(line),
        "crumbs": [("Access log", reverse("practice:browse_log"))],
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "practice/read_entry.html", context)


def _page(form: LogForm, filters: Filters, *, by: Actor, looked: int) -> dict[str, object]:
    before = form.cleaned_data["before"]
    # The newest page starts below the look at it, which would else be its first line each time.
    page = browse_entries(filters, before=before or looked)
    return {
        "lines": lines_of(page.entries, by=by),
        "today": timezone.localdate(),
        "newest_url": _address(form, None) if before else None,
        "older_url": _address(form, page.before) if page.before else None,
        "is_narrowed": filters != Filters(),
    }


def _address(form: LogForm, before: int | None) -> str:
    asked = {name: value for name, value in form.data.items() if value and name in form.fields and name != "before"}
    if before is not None:
        asked["before"] = str(before)
    return f"?{urlencode(asked)}" if asked else reverse("practice:browse_log")


def _figures(now: datetime) -> Figures:
    since = timezone.localdate(now) - timedelta(days=_DAYS - 1)
    return Figures(
        entries=count_entries(Filters(first_date=since)),
        refused=count_entries(Filters(first_date=since, outcome=Outcome.DENIED)),
        emergencies=count_entries(Filters(first_date=since, acts=frozenset({Act.OVERRIDE_OPENED}))),
    )
