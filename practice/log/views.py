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
from audit.services import Filters, Unseen, count_entries, record_look
from audit.services import browse_log as browse_entries
from audit.services import read_entry as find_entry
from audit.words import OWN_NOTES
from clients.services.contacts import look_up_label
from clients.services.finding import find_client
from clients.services.purposes import purpose_of
from clients.services.unseen import unseen_in_log
from practice.log.filters import LogForm
from practice.log.lines import Line, facts_of, lines_of

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
    filters, unseen = form.filters() if form.is_valid() else None, unseen_in_log()
    subjects = [filters.subject] if filters and filters.subject else []
    receipt = record_look(Act.LOG_VIEWED, by=by, subjects=subjects, purpose=purpose_of(by), at=now)
    context = {"form": form, "figures": _figures(now, unseen), "zone": timezone.get_current_timezone_name()}
    if filters is not None:
        context |= _page(form, filters, by=by, looked=receipt.entry_id, unseen=unseen)
    return render(request, "practice/browse_log.html", context)


@require_GET
def browse_record_log(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show a client's therapist who did what with this record: of a restricted one managers see no entry."""
    by, client = request.actor, find_client(by=request.actor, client_id=client_id)
    look = record_look(Act.LOG_VIEWED, by=by, target=client, purpose=purpose_of(by), at=timezone.now())
    label, asked = look_up_label(by=by, client=client, at=timezone.now()), request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() else look.entry_id
    page = browse_entries(Filters(subject=client.audit_handle), before=before)
    lines = [line for line in lines_of(page.entries, by=by) if not _is_anothers_own(line, by)]
    context = {"client": client, "label": label, "lines": lines, "before": page.before}
    return render(request, "practice/browse_record_log.html", context)


@require_GET
def read_entry(request: ActingRequest, entry_id: UUID) -> HttpResponse:
    """Show all that one entry says."""
    target = Named("audit.entry", entry_id)
    record_look(Act.LOG_VIEWED, by=request.actor, target=target, purpose=purpose_of(request.actor), at=timezone.now())
    entry = find_entry(entry_id, unseen=unseen_in_log())
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


def _is_anothers_own(line: Line, by: Actor) -> bool:
    # That a colleague keeps process notes is theirs to say.
    return line.entry.target_type in OWN_NOTES and line.entry.actor_id != by.audit_id


def _page(form: LogForm, filters: Filters, *, by: Actor, looked: int, unseen: Unseen) -> dict[str, object]:
    before = form.cleaned_data["before"]
    # The newest page starts below the look at it, which would else be its first line each time.
    page = browse_entries(filters, before=before or looked, unseen=unseen)
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


def _figures(now: datetime, unseen: Unseen) -> Figures:
    since = timezone.localdate(now) - timedelta(days=_DAYS - 1)
    return Figures(
        entries=count_entries(Filters(first_date=since), unseen=unseen),
        refused=count_entries(Filters(first_date=since, outcome=Outcome.DENIED), unseen=unseen),
        emergencies=count_entries(Filters(first_date=since, acts=frozenset({Act.OVERRIDE_OPENED})), unseen=unseen),
    )
