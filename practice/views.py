"""The roof's own pages."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.requests import ActingRequest
from access.roles import Role
from audit.checks import installed_guards_problems
from clients.services.letters import count_letters
from clients.services.own import own_records
from clients.services.returning import words_to_read
from clients.services.supervised import in_training_with
from consent.services.deciding import states_of
from consent.services.talking import count_new_answers
from measures.services.finding import waiting_sheets

_HOMES = {
    Role.THERAPIST: "notes:today",
    Role.MANAGER: "access:browse_staff",
    Role.AUDITOR: "practice:browse_log",
    Role.CLIENT: "practice:my_page",
    Role.WAITING: "access:wait",
}


@require_safe
def home(request: ActingRequest) -> HttpResponse:
    """Lead everybody to their first page."""
    by = request.actor
    if by.role == Role.ENROLLING:
        return redirect("access:set_factor" if by.user.is_staff_member else "clients:set_factor")
    if by.role == Role.RETURNING:
        return redirect("access:begin_app" if by.user.factor_removed_at else "access:renew_recovery_code")
    return redirect(_HOMES[by.role])


@require_safe
def my_page(request: ActingRequest) -> HttpResponse:
    """Show a client their first page: of each of their records where the form stands, and who opened it."""
    records = own_records(by=request.actor)
    standings = states_of(clients=[own.client for own in records], at=timezone.now())
    answers = {own.client.pk: count_new_answers(by=request.actor, client=own.client) for own in records}
    letters = {own.client.pk: count_letters(client=own.client) for own in records}
    asked = {own.client.pk: waiting_sheets(own.client) for own in records}
    training = {own.client.pk: in_training_with(own.client, at=timezone.now()) for own in records}
    told = (standings, answers, letters, asked, training)
    rows = [(own, *(each[own.client.pk] for each in told)) for own in records]
    return render(request, "practice/my_page.html", {"rows": rows, "words": words_to_read(by=request.actor)})


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Say whether the service can do its work: database and the log's guards. Nothing else is told."""
    try:
        problems = installed_guards_problems(connection)
    except DatabaseError:
        problems = ["database"]
    return JsonResponse({"ok": not problems}, status=503 if problems else 200)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Lead browsers that guess an address to the icon."""
    return redirect(static("icon.svg"))
