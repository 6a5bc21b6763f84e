"""What is to be written and about when: chosen before the first word, changed as long as it is a draft."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from access.services.people import the_practice
from clients.services.covers import find_client_or_covered, opened_until
from clients.services.vaults import NoRecordYet, ReadersNotConfirmed, readers_to_confirm
from notes.forms.moments import BeginForm, MomentForm, SessionForm
from notes.kinds import NoteKind
from notes.services.basing import NotAllowedYet, say_why_no_session
from notes.services.desk import name_client
from notes.services.drafting import Plan, begin_draft, may_choose_recovery
from notes.services.finding import find_draft
from notes.services.formatting import offered_formats, usual_format
from notes.services.redating import Moment, NotRedated, redate_draft, say_next
from notes.views.drafts import until_signed

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Draft


@require_http_methods(["GET", "POST"])
def begin(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Choose what to write; the gate answers."""
    by, now = request.actor, timezone.now()
    client = find_client_or_covered(by=by, client_id=client_id)
    covers = opened_until(by=by, client=client) is not None
    why_no_session = "" if covers else say_why_no_session(client=client, at=now)
    form = _begin_form(request, client, session_waits=bool(why_no_session), covers=covers)
    if form.is_valid():
        try:
            return _begin(request, client, form.plan())
        except NotAllowedYet as refusal:
            return _show(request, client, form, refusal=str(refusal))
        except NoRecordYet as refusal:
            form.add_error(None, str(refusal))
        except ReadersNotConfirmed as unconfirmed:
            # A colleague who came into care this very moment is on the page only now.
            form.add_error("readers" if "readers" in form.fields else None, str(unconfirmed))
    return _show(request, client, form, why_no_session=why_no_session)


@require_http_methods(["GET", "POST"])
@until_signed
def redate(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Change when it was; the gate answers for the new moment."""
    draft, refusal = find_draft(by=request.actor, draft_id=draft_id), ""
    form = _moment_form(request, draft)
    if form.is_valid():
        try:
            redate_draft(by=request.actor, draft_id=draft_id, moment=Moment(**form.cleaned_data), at=timezone.now())
            return redirect("notes:write", draft_id)
        except NotAllowedYet as no:
            refusal = str(no)
        except NotRedated as no:
            form.add_error("session_at", str(no))
    about = name_client(by=request.actor, client=draft.client, at=timezone.now())
    return render(request, "notes/redate.html", {"draft": draft, "form": form, "refusal": refusal, "about": about})


def _begin(request: ActingRequest, client: "Client", plan: Plan) -> HttpResponse:
    draft = begin_draft(by=request.actor, client=client, plan=plan, at=timezone.now())
    try:
        say_next(by=request.actor, draft=draft, next_at=plan.next_at, at=timezone.now())
    except NotRedated as no:
        messages.warning(request, f"The next session was not kept. {no}")
    return redirect("notes:write", draft.pk)


def _moment_form(request: ActingRequest, draft: "Draft") -> MomentForm:
    initial = {"session_at": draft.session_at, "minutes": draft.minutes, "place": draft.place, "next_at": draft.next_at}
    data = request.POST if request.method == "POST" else None
    kind_of_form = MomentForm if draft.note_kind.is_process else SessionForm
    return kind_of_form(data, founded_at=the_practice().founded_at, initial=initial)


def _begin_form(request: ActingRequest, client: "Client", *, session_waits: bool, covers: bool) -> BeginForm:
    return BeginForm(
        request.POST if request.method == "POST" else None,
        founded_at=the_practice().founded_at,
        formats=offered_formats(NoteKind.SESSION, by=request.actor),
        usual=usual_format(by=request.actor),
        session_waits=session_waits,
        covers=covers,
        readers=[] if covers else readers_to_confirm(by=request.actor, client=client),
        may_choose_recovery=not covers and may_choose_recovery(by=request.actor, client=client),
        proposed=request.GET,
    )


def _show(request: ActingRequest, client: "Client", form: BeginForm, **why_not: str) -> HttpResponse:
    about = name_client(by=request.actor, client=client, at=timezone.now())
    return render(request, "notes/begin.html", {"form": form, "about": about, **why_not})
