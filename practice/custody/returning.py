"""Whoever gives their passphrase can act: the first page after it stops the release of one's own will."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from access.acting import Actor
from access.requests import Unlocked, VisitorRequest
from access.roles import Role
from audit.services import AuditUnavailable
from clients.services.releasing import stop_on_return

_ASKED = "return_asked"
_STOPPED = (
    "Others had noted that you cannot act. You signed in, so that is stopped, and what your custodian was given is "
    "taken back. Who asked for it stands under My account, My custodian."
)


class ReturnMiddleware:
    """Asks once per passphrase given, before the page is made, so that this very page says what was stopped."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visitor = cast("VisitorRequest", request)
        if visitor.unlocked and visitor.unlocked.user.is_staff_member:
            _ask_once(visitor, visitor.unlocked)
        return self.get_response(request)


def _ask_once(request: VisitorRequest, unlocked: Unlocked) -> None:
    # Given anew for an act that wants it fresh, it counts as at a sign-in: the browser may have lain open for hours.
    unlock = f"{unlocked.session.pk} {unlocked.session.fresh_at.isoformat()}"
    if request.session.get(_ASKED) == unlock:
        return
    by = Actor(unlocked.user, Role.THERAPIST, unlocked.keys, unlocked.session.pk, request.origin)
    try:
        stopped = stop_on_return(by=by, at=timezone.now())
    except (DatabaseFailure, AuditUnavailable):
        # The next page asks again, and what this one has to say about the failure is said by itself.
        return
    request.session[_ASKED] = unlock
    if stopped:
        messages.warning(request, _STOPPED)
