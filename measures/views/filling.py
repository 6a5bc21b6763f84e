"""The client's way through a questionnaire: one question to a page, each kept at once."""

import functools
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from access.requests import ActingRequest
from clients.services.finding import find_client
from consent.views.steps import show
from measures.forms import ItemForm
from measures.services.filling import (
    Filling,
    NothingAnswered,
    keep_answer,
    look_at_filling,
    look_at_own_result,
    send_sheet,
)
from measures.services.finding import AlreadySent, find_sheet, sent_results, waiting_sheets

View = Callable[..., HttpResponse]
_FOLDER = "measures"


def until_sent(view: View) -> View:
    """Lead whoever comes back to a questionnaire that is sent to what they sent."""

    @functools.wraps(view)
    def wrapped(request: ActingRequest, client_id: UUID, measure_id: UUID, **address: int) -> HttpResponse:
        try:
            return view(request, client_id, measure_id, **address)
        except AlreadySent:
            return redirect("measures:sent", client_id, measure_id)

    return wrapped


@require_GET
def browse(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show a client what waits for them, and what they sent; nothing is opened for it."""
    client = find_client(by=request.actor, client_id=client_id)
    context: dict[str, object] = {"sheets": waiting_sheets(client), "results": sent_results(client)}
    return show(request, client, "my_measures", context, folder=_FOLDER)


@require_GET
@until_sent
def begin(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    """Say what comes, who will see it and who will not, before the first question."""
    filling = _filling(request, client_id, measure_id, numbers=())
    return _show(request, filling, "begin")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@until_sent
def answer(request: ActingRequest, client_id: UUID, measure_id: UUID, number: int) -> HttpResponse:
    """Ask one question."""
    sheet = find_sheet(by=request.actor, client_id=client_id, measure_id=measure_id)
    if not 0 < number <= len(sheet.questionnaire.questions):
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = ItemForm(data, question=sheet.questionnaire.questions[number - 1])
    if form.is_valid():
        value = form.cleaned_data["answer"]
        keep_answer(by=request.actor, sheet=sheet, number=number, value=value, at=timezone.now())
        return _go_on(request, client_id, measure_id)
    # The item that is shown by itself too: from then on the numbers to call stand on every page.
    filling = _filling(request, client_id, measure_id, numbers=(number, sheet.questionnaire.alarm_item or number))
    form.show_given(filling.given, number)
    return _show(request, filling, "answer", form=form, number=number)


@require_http_methods(["GET", "POST"])
@until_sent
def check(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    """Show all answers on one page, and send them."""
    if request.method == "POST":
        sheet = find_sheet(by=request.actor, client_id=client_id, measure_id=measure_id)
        try:
            send_sheet(by=request.actor, sheet=sheet, at=timezone.now())
        except NothingAnswered as refusal:
            messages.info(request, str(refusal))
            return redirect("measures:begin", client_id, measure_id)
        return redirect("measures:sent", client_id, measure_id)
    return _show(request, _filling(request, client_id, measure_id), "check")


@require_GET
def sent(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    """Show what was sent."""
    try:
        find_sheet(by=request.actor, client_id=client_id, measure_id=measure_id)
    except AlreadySent as already:
        own = look_at_own_result(by=request.actor, result=already.result, at=timezone.now())
        return show(request, own.result.client, "sent", {"own": own}, folder=_FOLDER)
    return redirect("measures:begin", client_id, measure_id)


def _filling(
    request: ActingRequest, client_id: UUID, measure_id: UUID, numbers: tuple[int, ...] | None = None
) -> Filling:
    sheet = find_sheet(by=request.actor, client_id=client_id, measure_id=measure_id)
    return look_at_filling(by=request.actor, sheet=sheet, numbers=numbers, at=timezone.now())


def _go_on(request: ActingRequest, client_id: UUID, measure_id: UUID) -> HttpResponse:
    missing = _filling(request, client_id, measure_id, numbers=()).next_number
    if missing is None:
        return redirect("measures:check", client_id, measure_id)
    return redirect("measures:answer", client_id, measure_id, missing)


def _show(request: ActingRequest, filling: Filling, page: str, **context: object) -> HttpResponse:
    return show(request, filling.sheet.client, page, {"filling": filling, **context}, folder=_FOLDER)
