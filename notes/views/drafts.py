"""From the first word of a draft to the signature."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.cleaning import clean_text
from access.requests import ActingRequest
from clients.services.covers import is_readable
from consent.services.discussing import TalkMissing
from notes.formats import Section
from notes.forms.texts import DraftForm, SentForm, SignForm
from notes.services.amending import WithdrawnMeanwhile
from notes.services.beside import name_beside
from notes.services.desk import desk_of, name_client
from notes.services.drafting import (
    DraftConflict,
    OpenDraft,
    Saved,
    discard_draft,
    open_draft,
    save_draft,
)
from notes.services.finding import AlreadySigned, find_draft
from notes.services.formatting import find_format, other_formats
from notes.services.redating import NotRedated, reformat_draft
from notes.services.signing import NotAsReviewed, sign_note
from notes.services.together import others_named
from notes.views.beside import carry_forward, lead_back, open_chosen, open_goals

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Draft, Note

View = Callable[..., HttpResponse]


def until_signed(view: View) -> View:
    """Lead whoever comes back to a draft that was signed meanwhile to the note."""

    @functools.wraps(view)
    def wrapped(request: ActingRequest, draft_id: UUID) -> HttpResponse:
        try:
            return view(request, draft_id)
        except AlreadySigned as signed:
            return _lead_to(request, signed.note)

    return wrapped


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@until_signed
def write(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Go on with a draft. Scripts save it meanwhile; without them the form itself does."""
    if request.method == "POST":
        return _take(request, draft_id)
    opened = open_draft(by=request.actor, draft_id=draft_id, at=timezone.now())
    form = DraftForm(opened.format, initial={**opened.fields, "revision": opened.draft.revision})
    return _show(request, opened, form)


@sensitive_post_parameters()
@require_POST
def save(request: ActingRequest, draft_id: UUID) -> JsonResponse:
    """Save what is being typed; answers are for the page's script."""
    try:
        draft = find_draft(by=request.actor, draft_id=draft_id)
        form = _typed(request, draft)
        if not form.is_valid():
            return JsonResponse({"error": form.first_error()}, status=400)
        saved = _save(request, draft, form)
    except AlreadySigned as signed:
        return JsonResponse({"error": str(signed)}, status=410)
    except DraftConflict as conflict:
        return JsonResponse({"theirs": conflict.theirs.texts, **_stand(conflict.theirs.draft)}, status=409)
    return JsonResponse(_stand(saved))


@require_GET
@until_signed
def review(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Show the whole note once more before it is signed."""
    opened = open_draft(by=request.actor, draft_id=draft_id, at=timezone.now())
    context = {
        "draft": opened.draft,
        "desk": desk_of(by=request.actor, opened=opened, at=timezone.now()),
        "answers": opened.format.answers(opened.fields),
        "is_late": not opened.draft.amends_id and opened.draft.is_late_at(timezone.now()),
        "is_ready": not opened.format.problems(opened.fields),
        "named": others_named(by=request.actor, opened=opened, at=timezone.now()),
        "form": SignForm(initial={"revision": opened.draft.revision}),
    }
    return render(request, "notes/review.html", context)


@require_POST
def sign(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Sign and lock what was reviewed. Sent twice, it signs once."""
    form = SignForm(request.POST)
    if not form.is_valid():
        return redirect("notes:review", draft_id)
    try:
        note = sign_note(by=request.actor, draft_id=draft_id, at=timezone.now(), **form.cleaned_data)
    except (NotAsReviewed, TalkMissing, WithdrawnMeanwhile) as refusal:
        # Back to the review, which shows the draft as it is now.
        messages.warning(request, str(refusal))
        return redirect("notes:review", draft_id)
    messages.success(request, "Signed and locked.")
    return _lead_to(request, note)


@require_http_methods(["GET", "POST"])
@until_signed
def discard(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Ask, then throw a draft away."""
    if request.method == "POST":
        client = discard_draft(by=request.actor, draft_id=draft_id, at=timezone.now())
        messages.success(request, "The draft is thrown away. It waits on your page of the day, under “Thrown away”.")
        return _lead_away(request, client)
    draft = find_draft(by=request.actor, draft_id=draft_id)
    about = name_client(by=request.actor, client=draft.client, at=timezone.now())
    return render(request, "notes/discard.html", {"draft": draft, "about": about})


def _lead_to(request: ActingRequest, note: "Note") -> HttpResponse:
    if is_readable(by=request.actor, client=note.client):
        return redirect("notes:read", note.pk)
    messages.info(request, "This client is no longer in your care: the note is signed and kept, and closed to you now.")
    return redirect("notes:today")


def _lead_away(request: ActingRequest, client: "Client") -> HttpResponse:
    may_read = is_readable(by=request.actor, client=client)
    return redirect("notes:overview", client.pk) if may_read else redirect("notes:today")


def _take(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Save a draft that came as an ordinary form, then stay, leave, or go on to the review."""
    draft = find_draft(by=request.actor, draft_id=draft_id)
    form = _typed(request, draft)
    if not form.is_valid():
        return _show(request, open_draft(by=request.actor, draft_id=draft_id, at=timezone.now()), form)
    try:
        saved = _save(request, draft, form)
    except DraftConflict as conflict:
        return _show_both(request, conflict.theirs, form)
    if elsewhere := _elsewhere(request, draft, form):
        return elsewhere
    if form.holds_together():
        return redirect("notes:review", draft_id)
    form.stand_upon(saved.revision)
    return _show(request, open_draft(by=request.actor, draft_id=draft_id, at=timezone.now()), form)


def _elsewhere(request: ActingRequest, draft: "Draft", form: DraftForm) -> HttpResponse | None:
    """Answer the buttons that save and do not lead to the review."""
    if "reformat" in request.POST:
        return _reformat(request, draft.pk)
    if "stay" in request.POST:
        return redirect("notes:write", draft.pk)
    if "leave" in request.POST:
        return _lead_away(request, draft.client)
    return lead_back(request, draft, form.sections)


def _typed(request: ActingRequest, draft: "Draft") -> DraftForm:
    """Read a form by the format it was shown in: by another, its sections would be dropped unseen."""
    try:
        shown_in = find_format(request.POST.get("format", draft.format))
    except KeyError:
        shown_in = find_format(draft.format)
    return DraftForm(shown_in, carry_forward(request, draft, shown_in.sections), stored=draft.format)


def _reformat(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    try:
        reformat_draft(by=request.actor, draft_id=draft_id, name=request.POST["reformat"], at=timezone.now())
    except NotRedated as refusal:
        messages.warning(request, str(refusal))
    return redirect("notes:write", draft_id)


def _save(request: ActingRequest, draft: "Draft", form: DraftForm) -> Saved:
    revision, sent = form.cleaned_data["revision"], SentForm(request.POST).sent()
    return save_draft(
        by=request.actor, draft=draft, revision=revision, fields=form.texts(), sent=sent, at=timezone.now()
    )


def _stand(saved: "Saved | Draft") -> dict[str, object]:
    return {"revision": saved.revision, "saved_at": saved.saved_at.isoformat()}


def _show_both(request: ActingRequest, theirs: OpenDraft, form: DraftForm) -> HttpResponse:
    """Show this window's text in its fields and the other window's beside it; saving now is a choice.

    Only the form's own button may save over the other text. A script asks first, so it is given the old revision.
    """
    form.stand_upon(theirs.draft.revision)
    return _show(request, theirs, form, theirs=theirs.texts, status=409)


def _show(
    request: ActingRequest,
    opened: OpenDraft,
    form: DraftForm,
    *,
    theirs: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "draft": opened.draft,
        "desk": desk_of(by=request.actor, opened=opened, at=timezone.now()),
        "form": form,
        "fields": [(form[section.name], _other(section, form, theirs)) for section in form.sections],
        "format": opened.format,
        "other_formats": other_formats(opened.draft, by=request.actor),
        "beside": name_beside(by=request.actor, draft=opened.draft),
        "opened_beside": open_chosen(request, opened.draft),
        "goals": open_goals(request, opened.draft),
        "is_conflict": theirs is not None,
        "revision": form["revision"].value() if theirs is None else form.cleaned_data["revision"],
    }
    return render(request, "notes/write.html", context, status=status)


def _other(section: Section, form: DraftForm, theirs: dict[str, str] | None) -> str | None:
    """Return what the other window holds here, where it differs."""
    if theirs is None:
        return None
    other = theirs.get(section.name, "")
    same = other == clean_text(form[section.name].value() or "")
    return None if same else section.shown(other) or "Nothing"
