"""Lock 1: every request passes the policy table, or nothing."""

from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch
from django.utils import timezone

from access.acting import Actor
from access.requests import Unlocked, VisitorRequest
from access.roles import Role
from access.services.people import is_set_up, roles_of
from access.services.signing_in import acting_role
from access.web import visitor
from audit.actors import Named
from audit.acts import Act
from audit.services import record_refusal
from practice.again import Needs, ask
from practice.policy import POLICY, Row

# A page without a record in its address, as the log names what was refused: the nil UUID of RFC 9562, section 5.9.
NO_RECORD: Final = UUID(int=0)


class GateMiddleware(LoginRequiredMiddleware):
    """Holds each view to its row. Django's own class marks us as the place where sign-in is required."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        """Let a request through, ask for the passphrase, or refuse and record."""
        return admit(cast("VisitorRequest", request), request.resolver_match)


def admit(request: VisitorRequest, match: ResolverMatch | None) -> HttpResponse | None:
    """Decide about one request for one view.

    :returns: None to go on, with ``request.actor`` set; else the page that asks for passphrase or code
    :raises PermissionDenied: no row, or no role in it; the refusal is in the log
    :raises Http404: a page of the set-up, and there is a practice already
    """
    row = POLICY.get(match.view_name) if match else None
    request.actor = _actor(request, acting_role(request.unlocked.user)) if request.unlocked else None
    if row is None:
        raise _refused(request, match)
    if row.first_run and (settings.DEMO or is_set_up()):
        raise Http404
    if row.is_public:
        return None
    if request.unlocked is None and (answer := _let_in(request)):
        return answer
    request.actor = _actor(request, _role(request, row, match))
    if row.fresh and not _unlocked(request).is_fresh(timezone.now()):
        return ask(request, Needs.FRESH)
    return None


def _let_in(request: VisitorRequest) -> HttpResponse | None:
    """Ask somebody to sign in; where nobody could yet, lead to the set-up."""
    if not (settings.DEMO or is_set_up()):
        return redirect("practice:begin_set_up")
    return ask(request, Needs.SIGN_IN)


def _role(request: VisitorRequest, row: Row, match: ResolverMatch | None) -> Role:
    held = roles_of(_unlocked(request).user)
    role = next((role for role in row.roles if role in held), None)
    if role is None:
        raise _refused(request, match)
    return role


def _unlocked(request: VisitorRequest) -> Unlocked:
    # `ask` returns nothing only once the keys are open.
    assert request.unlocked is not None  # noqa: S101 (for the type checker)
    return request.unlocked


def _actor(request: VisitorRequest, role: Role) -> Actor:
    unlocked = _unlocked(request)
    return Actor(unlocked.user, role, unlocked.keys, unlocked.session.pk, request.origin)


def _refused(request: VisitorRequest, match: ResolverMatch | None) -> PermissionDenied:
    by = request.actor or visitor(request)
    record_refusal(Act.ACCESS_REFUSED, by=by, target=asked_for(match) if match else None, at=timezone.now())
    return PermissionDenied()


def asked_for(match: ResolverMatch) -> Named:
    """Name what was asked for: the page, and the record in its address if there is one."""
    ids = (value for value in match.kwargs.values() if isinstance(value, UUID))
    return Named(match.view_name.replace(":", "."), next(ids, NO_RECORD))
