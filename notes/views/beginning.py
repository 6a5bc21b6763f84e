"""Before the first word: what is to be written, and about when."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from access.services.people import the_practice
from clients.services.finding import find_client
from clients.services.vaults import ReadersNotConfirmed, readers_to_confirm
from consent.services.deciding import state_of
from notes.forms.moments import BeginForm
from notes.services.basing import NotAllowedYet, say_why_no_session
from notes.services.desk import name_client
from notes.services.drafting import begin_draft, may_choose_recovery

if TYPE_CHECKING:
    from clients.models import Client


@require_http_methods(["GET", "POST"])
def begin(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Choose what to write; the gate answers."""
    by, now = request.actor, timezone.now()
    client = find_client(by=by, client_id=client_id)
    why_no_session = say_why_no_session(client=client, at=now)
    form = _form(request, client, session_waits=bool(why_no_session))
    if form.is_valid():
        try:
            return redirect("notes:write", begin_draft(by=by, client=client, plan=form.plan(), at=now).pk)
        except NotAllowedYet as refusal:
            return _show(request, client, form, refusal=str(refusal))
        except ReadersNotConfirmed as unconfirmed:
            form.add_error("readers", str(unconfirmed))
    return _show(request, client, form, why_no_session=why_no_session)


def _form(request: ActingRequest, client: "Client", *, session_waits: bool) -> BeginForm:
    return BeginForm(
        request.POST if request.method == "POST" else None,
        founded_at=the_practice().founded_at,
        session_waits=session_waits,
        readers=readers_to_confirm(by=request.actor, client=client),
        may_choose_recovery=may_choose_recovery(by=request.actor, client=client),
    )


def _show(request: ActingRequest, client: "Client", form: BeginForm, **why_not: str) -> HttpResponse:
    now = timezone.now()
    about = {"client": client, "label": name_client(by=request.actor, client=client, at=now)}
    standing = state_of(client=client, at=now)
    return render(request, "notes/begin.html", {"form": form, "standing": standing, **about, **why_not})
