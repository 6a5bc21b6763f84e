"""What therapists see of questionnaires, and what they do with them."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.requests import ActingRequest
from access.services.people import the_practice
from clients.services.contacts import look_up_label
from clients.services.covers import find_client_or_covered, opened_until
from clients.services.finding import find_client
from clients.services.vaults import NoRecordYet, ReadersNotConfirmed, readers_to_confirm
from measures.forms import AskForm, CloseForm, TogetherForm
from measures.instruments import instruments
from measures.services.asking import (
    Begun,
    LimitsNotSigned,
    ask_for_measure,
    fill_in_together,
    may_be_asked,
    take_measure_back,
)
from measures.services.closing import AlreadyClosed, SentMeanwhile, WordsMissing, close_measure
from measures.services.finding import AlreadySent, find_measure, find_sheet
from measures.services.reading import look_at_measure, look_at_measures

if TYPE_CHECKING:
    from measures.models import Result, Sheet


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show all questionnaires of one client, and their sums over time."""
    by, now = request.actor, timezone.now()
    client = find_client_or_covered(by=by, client_id=client_id)
    context = {
        "client": client,
        "seen": look_at_measures(by=by, client=client, at=now),
        "instruments": instruments().values(),
        "may_ask": may_be_asked(client=client, at=now) and not opened_until(by=by, client=client),
    }
    return render(request, "measures/browse.html", context)


@require_POST
def ask(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Ask a client to fill one in."""
    client, form = find_client(by=request.actor, client_id=client_id), AskForm(request.POST)
    if form.is_valid():
        try:
            ask_for_measure(by=request.actor, client=client, instrument=form.chosen, at=timezone.now())
            messages.success(request, f"{form.chosen.name} stands on the client’s page now. Nobody is sent a message.")
        except LimitsNotSigned as refusal:
            messages.warning(request, str(refusal))
    return redirect("measures:browse", client_id)


@require_POST
def take_back(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    """Ask no longer."""
    find_client(by=request.actor, client_id=client_id)
    try:
        sheet = find_sheet(by=request.actor, client_id=client_id, measure_id=measure_id)
        take_measure_back(by=request.actor, sheet=sheet, at=timezone.now())
        messages.success(request, "The client is not asked any more.")
    except Begun as refusal:
        messages.warning(request, str(refusal))
    except AlreadySent:
        messages.info(request, "The client has sent it meanwhile.")
    return redirect("measures:browse", client_id)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def fill_in(request: ActingRequest, client_id: UUID, instrument: str) -> HttpResponse:
    """Ask all questions in the room."""
    by, now, client = request.actor, timezone.now(), find_client(by=request.actor, client_id=client_id)
    if instrument not in instruments():
        raise Http404
    form = TogetherForm(request.POST if request.method == "POST" else None, instrument=instruments()[instrument])
    if form.is_valid():
        try:
            result = fill_in_together(by=by, client=client, filled=form.filled, at=now)
            return redirect("measures:review", client_id, result.pk)
        except (LimitsNotSigned, Begun) as refusal:
            form.add_error(None, str(refusal))
    context = {"client": client, "label": look_up_label(by=by, client=client, at=now), "form": form}
    return render(request, "measures/fill_in.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def review(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    """Show one questionnaire, and take what was done about it."""
    measure = find_measure(by=request.actor, client_id=client_id, measure_id=measure_id)
    form = _close_form(request, measure)
    if form.is_valid() and _closed(request, measure, form):
        return redirect("measures:review", client_id, measure_id)
    label, opened = look_at_measure(by=request.actor, measure=measure, at=timezone.now())
    if opened.is_alarm:
        form.ask_for_words()
    context = {"opened": opened, "label": label, "form": form, "practice": the_practice()}
    return render(request, "measures/review.html", context)


def _close_form(request: ActingRequest, measure: "Sheet | Result") -> CloseForm:
    # Whoever covers makes no record, so there is nobody to confirm.
    covers = opened_until(by=request.actor, client=measure.client) is not None
    readers = [] if covers else readers_to_confirm(by=request.actor, client=measure.client)
    return CloseForm(request.POST if request.method == "POST" else None, readers=readers)


def _closed(request: ActingRequest, measure: "Sheet | Result", form: CloseForm) -> bool:
    """Close it, or say on the form why not; True where the page is to be read as it is now."""
    try:
        close_measure(by=request.actor, measure=measure, done=form.done, at=timezone.now())
        messages.success(request, "Closed. What you noted is kept.")
    except WordsMissing as refusal:
        form.add_error("words", str(refusal))
    except (NoRecordYet, ReadersNotConfirmed) as refusal:
        form.add_error(None, str(refusal))
    except (AlreadyClosed, SentMeanwhile) as refusal:
        messages.info(request, str(refusal))
    return not form.errors
