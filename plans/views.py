"""A client's treatment plan: read, ticked, written, and looked back at."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.requests import ActingRequest
from clients.services.contacts import look_up_label
from clients.services.finding import find_client, is_in_care
from clients.services.therapy import find_record
from clients.services.vaults import ReadersNotConfirmed, readers_to_confirm
from plans.forms import PlanForm, TickForm, form_for, form_of
from plans.services.reading import OpenPlan, read_plan
from plans.services.reading import look_back as open_versions
from plans.services.writing import PlanMovedOn, PlanWaits, tick_steps, write_plan

if TYPE_CHECKING:
    from clients.models import Client


@require_GET
def read(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show the plan, with its steps to tick."""
    by, now = request.actor, timezone.now()
    client = find_record(by=by, client_id=client_id)
    plan = read_plan(by=by, client=client, at=now)
    context = {
        "client": client,
        "label": look_up_label(by=by, client=client, at=now),
        "plan": plan,
        "form": TickForm(initial={"after": plan.latest.number if plan else 0}),
        "may_write": is_in_care(by=by, client=client),
        "today": timezone.localdate(),
    }
    return render(request, "plans/read.html", context)


@require_POST
def tick(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Take which steps are done."""
    client, form = find_client(by=request.actor, client_id=client_id), TickForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "Nothing was kept, because the page did not come whole. Please tick once more.")
        return redirect("plans:read", client_id)
    done = frozenset(request.POST.getlist("done"))
    try:
        tick_steps(by=request.actor, client=client, ticked=form.proposal(), done=done, at=timezone.now())
        messages.success(request, "Kept.")
    except PlanMovedOn:
        messages.warning(request, "The plan was changed meanwhile: here it is. Please tick once more.")
    except PlanWaits:
        messages.warning(request, "The plan stays as it is: the client’s signature does not stand any more.")
    return redirect("plans:read", client_id)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def write(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Write the plan, or another version of it."""
    client = find_client(by=request.actor, client_id=client_id)
    readers = readers_to_confirm(by=request.actor, client=client)
    if request.method == "GET":
        plan = read_plan(by=request.actor, client=client, at=timezone.now())
        return _show(request, client, form_for(plan, readers=readers), plan=plan)
    form = form_of(request.POST, readers=readers)
    return _take(request, client, form) if form.is_valid() else _show(request, client, form)


@require_GET
def look_back(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show who changed what, and when."""
    by, now = request.actor, timezone.now()
    client = find_record(by=by, client_id=client_id)
    versions = open_versions(by=by, client=client, at=now)
    context = {"client": client, "label": look_up_label(by=by, client=client, at=now), "versions": versions}
    return render(request, "plans/look_back.html", context)


def _take(request: ActingRequest, client: "Client", form: PlanForm) -> HttpResponse:
    try:
        write_plan(by=request.actor, client=client, proposal=form.proposal(), at=timezone.now())
        return redirect("plans:read", client.pk)
    except PlanMovedOn as refusal:
        return _show_both(request, client, form, str(refusal))
    except PlanWaits as refusal:
        form.add_error(None, str(refusal))
    except ReadersNotConfirmed as unconfirmed:
        # A colleague who came into care this very moment is on the page only now.
        form.add_error("readers" if "readers" in form.fields else None, str(unconfirmed))
    return _show(request, client, form)


def _show_both(request: ActingRequest, client: "Client", form: PlanForm, words: str) -> HttpResponse:
    """Show what was typed in its fields, and the plan as it is now below; saving then is a choice."""
    theirs = read_plan(by=request.actor, client=client, at=timezone.now())
    form.stand_upon(theirs.latest.number if theirs else 0)
    form.add_error(None, words)
    return _show(request, client, form, status=409, plan=theirs, theirs=theirs)


def _show(
    request: ActingRequest, client: "Client", form: PlanForm, *, status: int = 200, **plans: OpenPlan | None
) -> HttpResponse:
    label = look_up_label(by=request.actor, client=client, at=timezone.now())
    return render(request, "plans/write.html", {"client": client, "label": label, "form": form, **plans}, status=status)
