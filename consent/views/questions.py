"""Questions and answers, for the client who asks and for the therapist who answers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from clients.services.finding import find_client
from consent.forms import AnswerForm, AskForm
from consent.services.looking import look_at_questions
from consent.services.talking import Answering, Talk, answer_question, ask_question, look_at_talks, titles_at
from consent.views.steps import show


@require_http_methods(["GET", "POST"])
def browse_questions(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Show a client their questions with the answers, and take a new one."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    data = request.POST if request.method == "POST" else None
    form = AskForm(data, titles=titles_at(now), about=request.GET.get("about", ""))
    if form.is_valid():
        ask_question(by=request.actor, client=client, asked=form.asked, at=now)
        messages.success(request, "Your question was sent. The answer will stand here.")
        return redirect("consent:browse_questions", client_id=client_id)
    talks = look_at_talks(by=request.actor, client=client, at=now)
    return show(request, client, "browse_questions", {"form": form, "talks": talks[::-1]})


@require_http_methods(["GET", "POST"])
def answer_questions(request: ActingRequest, client_id: UUID) -> HttpResponse:
    """Answer what a client asked, without opening the rest of the consent."""
    client, now = find_client(by=request.actor, client_id=client_id), timezone.now()
    form = AnswerForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        answer_question(by=request.actor, client=client, answer=Answering(**form.cleaned_data), at=now)
        messages.success(request, "Your answer stands where the question was asked.")
        return redirect("consent:answer_questions", client_id=client_id)
    seen = look_at_questions(by=request.actor, client=client, at=now)
    context = {"client": client, "form": form, "seen": seen, "rows": _rows(seen.talks, form)}
    return render(request, "consent/answer_questions.html", context)


def _rows(talks: tuple[Talk, ...], sent: AnswerForm | None) -> list[tuple[Talk, AnswerForm]]:
    """Give each question a form of its own, what waits first; one that was refused comes back with its text."""
    waiting_first = sorted(talks, key=lambda talk: bool(talk.answers))
    return [(talk, _answer_form(talk.id, sent)) for talk in waiting_first]


def _answer_form(question_id: UUID, sent: AnswerForm | None) -> AnswerForm:
    if sent and sent.cleaned_data.get("question") == question_id:
        return sent
    return AnswerForm(initial={"question": question_id}, auto_id=f"answer_{question_id}_%s")
