"""The client's way through the limits: one thing to a page, each kept at once."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.requests import ActingRequest
from clients.services.finding import find_client
from consent.forms import PaperForm, QuestionForm, ReasonForm, ScreenFormsForm, SignForm
from consent.record import Check
from consent.services.ceremony import Done, agree_to_screen_forms, begin_reading, finish_section
from consent.services.deciding import state_of
from consent.services.paper import choose_paper
from consent.services.reading import look_at_answers, look_at_section, progress_of
from consent.services.refusing import decline
from consent.services.renewing import what_is_new
from consent.services.signing import Typed, meaning_of, sign_limits
from consent.services.talking import Asked, ask_question
from consent.views.steps import (
    answer_form,
    find_screen,
    passphrase_errors,
    section_address,
    show,
    show_section,
    step,
)

if TYPE_CHECKING:
    from clients.models import Client

_STILL_TO_READ = "Part {} is still to read."


@require_http_methods(["GET", "POST"])
@step
def begin(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Say what comes, and ask whether it may be on screen."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    progress = begin_reading(by=request.actor, client=client, at=now)
    form = ScreenFormsForm(request.POST or None, initial={"version": progress.screen_forms.id})
    if form.is_valid():
        typed = form.cleaned_data
        agree_to_screen_forms(
            by=request.actor, client=client, version_id=typed["version"], nonce=typed["nonce"], at=now
        )
        return redirect("consent:section", client_id=client_id, number=1)
    paper_asked = state_of(client=client, at=now).wants_paper
    news = what_is_new(client=client, text=progress.text)
    context = {"form": form, "progress": progress, "news": news, "wants_paper": paper_asked}
    return show(request, client, "begin", context)


@require_http_methods(["GET", "POST"])
@step
def section(request: ActingRequest, client_id: UUID, number: int) -> HttpResponse:
    """Read one limit and answer one question on it."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    progress = progress_of(client=client, at=now)
    screen = find_screen(progress, number)
    if progress.esign_at is None:
        return redirect("consent:begin", client_id=client_id)
    form = answer_form(progress, screen, request.POST) if request.method == "POST" else None
    if form and form.is_valid() and form.check:
        done = Done(form.cleaned_data["version"], screen.code, form.check, form.cleaned_data["nonce"])
        finish_section(by=request.actor, client=client, done=done, at=now)
        return _go_on(request, client, number, form.check)
    said = look_at_section(by=request.actor, client=client, text=progress.text, code=screen.code, at=now)
    return show_section(request, client, progress, screen, said, form=form)


@require_POST
@step
def ask(request: ActingRequest, client_id: UUID, number: int) -> HttpResponse:
    """Pin a question to a limit."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    progress = progress_of(client=client, at=now)
    screen = find_screen(progress, number)
    form = QuestionForm(request.POST, auto_id="ask_%s")
    if form.is_valid():
        ask_question(by=request.actor, client=client, asked=Asked(screen.code, **form.cleaned_data), at=now)
        messages.success(request, "Your question was sent. You can go on here in the meantime.")
        return redirect("consent:section", client_id=client_id, number=number)
    said = look_at_section(by=request.actor, client=client, text=progress.text, code=screen.code, at=now)
    return show_section(request, client, progress, screen, said, question_form=form)


@require_GET
@step
def check(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show all answers on one page before the signature."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    progress = progress_of(client=client, at=now)
    if progress.next_screen is not None:
        messages.info(request, _STILL_TO_READ.format(progress.next_screen.number))
        return redirect(section_address(client_id, progress.next_screen.number))
    said = look_at_answers(by=request.actor, client=client, text=progress.text, at=now)
    context = {
        "rows": [(screen, screen.code in said.to_discuss) for screen in progress.text.screens],
        "waiting": [talk for talk in said.talks if not talk.answers],
        "progress": progress,
        "back_url": section_address(client_id, len(progress.text.screens)),
    }
    return show(request, client, "check", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step
def sign(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Take name and passphrase, and sign."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    form = SignForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _signed(request, client, form):
        return redirect("consent:receipt", client_id=client_id)
    progress = progress_of(client=client, at=now)
    if progress.next_screen is not None or progress.is_signed:
        return redirect("consent:receipt" if progress.is_signed else "consent:check", client_id=client_id)
    said = look_at_answers(by=request.actor, client=client, text=progress.text, at=now)
    meaning = meaning_of(progress.text, said.to_discuss)
    form.initial.update(version=progress.text.id, meaning=meaning)
    return show(request, client, "sign", {"form": form, "meaning": meaning})


@require_http_methods(["GET", "POST"])
@step
def not_now(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Take a no, or a not yet, and say what goes on all the same."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        decline(by=request.actor, client=client, at=now, **form.cleaned_data)
        return redirect("consent:decline", client_id=client_id)
    context = {"form": form, "progress": progress_of(client=client, at=now)}
    return show(request, client, "decline", context)


@require_http_methods(["GET", "POST"])
@step
def paper(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Take the wish for paper, or take it back, and say how that goes."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    form = PaperForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        choose_paper(by=request.actor, client=client, at=now, **form.cleaned_data)
        return redirect("consent:paper" if form.cleaned_data["wants"] else "consent:begin", client_id=client_id)
    standing = state_of(client=client, at=now)
    form.initial["wants"] = not standing.wants_paper
    return show(request, client, "paper", {"form": form, "standing": standing})


def _go_on(request: ActingRequest, client: "Client", number: int, given: Check) -> HttpResponse:
    if given is Check.TO_DISCUSS:
        messages.info(request, "We’ll talk about that one. Your therapist will see it. Here is what comes next.")
    missing = progress_of(client=client, at=timezone.now()).next_after(number)
    if missing is None:
        return redirect("consent:check", client_id=client.pk)
    if missing.number < number:
        messages.info(request, _STILL_TO_READ.format(missing.number))
    return redirect(section_address(client.pk, missing.number))


def _signed(request: ActingRequest, client: "Client", form: SignForm) -> bool:
    typed = form.cleaned_data
    what = Typed(typed["version"], typed["name"], typed["meaning"], typed["passphrase"], typed["nonce"])
    with passphrase_errors(form):
        sign_limits(by=request.actor, client=client, typed=what, at=timezone.now())
    return not form.errors
