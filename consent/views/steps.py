"""What the pages of the client have in common."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from access.requests import ActingRequest
from access.services.people import the_practice
from access.services.signing_in import PassphraseRefused
from access.services.throttling import Throttled
from clients.services.own import name_of_record
from consent.forms import QuestionForm, SectionForm
from consent.publication import Screen
from consent.services.ceremony import StepRefused
from consent.services.publishing import NothingPublished
from consent.services.reading import Progress, Said
from consent.services.signing import SectionsMissing
from keys.errors import TooBusy

if TYPE_CHECKING:
    from clients.models import Client

View = Callable[..., HttpResponse]


def step(view: View) -> View:
    """Lead a client whose step is not possible now back to where they stand."""

    @functools.wraps(view)
    def wrapped(request: ActingRequest, client_id: UUID, **address: int) -> HttpResponse:
        try:
            return view(request, client_id, **address)
        except NothingPublished:
            return render(request, "consent/nothing_published.html", {"practice": the_practice()})
        except StepRefused as refusal:
            messages.warning(request, str(refusal))
            # The check leads on to the first part that is missing.
            address_of = "consent:check" if isinstance(refusal, SectionsMissing) else "consent:begin"
            return redirect(address_of, client_id=client_id)

    return wrapped


def show(
    request: ActingRequest, client: "Client", page: str, context: dict[str, object], *, folder: str = "consent"
) -> HttpResponse:
    """Show a page of one record of the client, with what stands on each of them: numbers to call, and which record."""
    around = {
        "practice": the_practice(),
        "client": client,
        "record_name": name_of_record(by=request.actor, client=client),
    }
    return render(request, f"{folder}/{page}.html", {**around, **context})


@contextmanager
def passphrase_errors(form: forms.Form) -> Iterator[None]:
    """Say on the form why the passphrase that an act asks for once more was not taken."""
    try:
        yield
    except PassphraseRefused as refusal:
        form.add_error("passphrase", str(refusal))
    except Throttled as refusal:
        form.add_error(None, str(refusal))
    except TooBusy:
        form.add_error(None, "Many people are signing in just now. Please try again in a moment.")


def find_screen(progress: Progress, number: int) -> Screen:
    """Find the limit of this number.

    :raises Http404: there is none
    """
    if not 0 < number <= len(progress.text.screens):
        raise Http404
    return progress.text.screens[number - 1]


def section_address(client_id: UUID, number: int) -> str:
    """Return where a limit is read; before the first one stands the beginning."""
    if number:
        return reverse("consent:section", kwargs={"client_id": client_id, "number": number})
    return reverse("consent:begin", kwargs={"client_id": client_id})


def answer_form(progress: Progress, screen: Screen, data: QueryDict) -> SectionForm:
    """Read the answer to the question on a limit."""
    return SectionForm(progress.text.publication.questions[screen.code], data)


def show_section(
    request: ActingRequest,
    client: "Client",
    progress: Progress,
    screen: Screen,
    said: Said,
    *,
    form: SectionForm | None = None,
    question_form: QuestionForm | None = None,
) -> HttpResponse:
    """Show one limit with its question, and what was asked about it.

    :param form: an answer that was not right, or none at all
    """
    question, facts = progress.text.publication.questions[screen.code], said.sections.get(screen.code)
    given, screens = facts.check if facts else None, progress.text.screens
    wrong = form is not None and form.is_valid()
    if form is None:
        form = SectionForm(question, initial={"version": progress.text.id}, given=given)
    context = {
        "screen": screen,
        "for_you_label": progress.text.publication.for_you_label,
        "form": form.ask_again() if wrong else form,
        "explanation": question.explanation if wrong else "",
        "question_form": question_form or QuestionForm(auto_id="ask_%s"),
        "talks": said.talks_on(screen.code),
        "parts": len(screens),
        "back_url": section_address(client.pk, screen.number - 1),
        "next_url": section_address(client.pk, screen.number + 1) if facts and screen is not screens[-1] else "",
    }
    return show(request, client, "section", context)
