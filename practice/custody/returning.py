"""Whoever gives their passphrase can act: the first page after it stops the release of one's own will.

Every later page tells somebody who never signed out that others say they cannot act.
"""

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
from clients.services.releasing import is_released, stop_on_return

_ASKED = "return_asked"
_STOPPED = (
    "Others had noted that you cannot act. You signed in, so that is stopped, and what your custodian was given is "
    "taken back. Who asked for it stands under My account, My custodian."
)


class ReturnRequest(VisitorRequest):
    """Anybody's request. `is_back`: this very one stopped whatever stood of their own release."""

    is_back: bool


class ReturnMiddleware:
    """Asks once per passphrase given, before the page is made, so that this very page says what was stopped."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visitor = cast("ReturnRequest", request)
        unlocked = visitor.unlocked
        visitor.is_back = bool(unlocked and unlocked.user.is_staff_member and _ask_once(visitor, unlocked))
        return self.get_response(request)


def is_taken_for_gone(request: HttpRequest, actor: Actor | None) -> bool:
    """Say whether to tell somebody on this page that others say they cannot act: not where the page itself says it."""
    match = request.resolver_match
    # Some answers are given before this middleware is reached.
    known = getattr(request, "is_back", False) or (match is not None and match.view_name == "clients:name_custodian")
    return bool(actor and actor.user.is_staff_member and not known and is_released(actor.user, at=timezone.now()))


def _ask_once(request: VisitorRequest, unlocked: Unlocked) -> bool:
    """Stop what stands, once for each passphrase given; False where that was asked before, or could not be."""
    # Given anew for an act that wants it fresh, it counts as at a sign-in: the browser may have lain open for hours.
    unlock = f"{unlocked.session.pk} {unlocked.session.fresh_at.isoformat()}"
    if request.session.get(_ASKED) == unlock:
        return False
    by = Actor(unlocked.user, Role.THERAPIST, unlocked.keys, unlocked.session.pk, request.origin)
    try:
        stopped = stop_on_return(by=by, at=timezone.now())
    except (DatabaseFailure, AuditUnavailable):
        # The next page asks again, and what this one has to say about the failure is said by itself.
        return False
    request.session[_ASKED] = unlock
    if stopped:
        messages.warning(request, _STOPPED)
    return True
