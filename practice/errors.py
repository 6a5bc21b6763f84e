"""Pages for what went wrong, each in plain words."""

import sys
from typing import cast

from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.log import log_response

from access.requests import VisitorRequest
from access.roles import Role
from access.services.people import roles_of
from access.web import visitor, wants_json
from audit.acts import Act
from audit.services import AuditUnavailable, record_refusal
from clients.services.covers import CoverClosed
from clients.services.finding import NoSuchClient
from clients.services.supervised import SupervisionClosed
from keys.errors import KeyRefused, KeysError, SealBroken
from practice.context import is_client_page
from practice.gate import asked_for
from practice.keeping import Kept, kept_fields
from practice.policy import POLICY

_OUTAGES = (DatabaseFailure, AuditUnavailable)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Answer a form that did not come from one of our pages; nothing of it is echoed."""
    return render(request, "errors/csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer what could not be understood."""
    return _plain(request, "errors/400.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer somebody whose role does not open this page."""
    actor = getattr(request, "actor", None)
    is_manager = actor is not None and Role.MANAGER in roles_of(actor.user)
    return render(request, "errors/403.html", {"is_manager": is_manager}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer for what is not there, and for what is not theirs: the same words."""
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something of ours failed."""
    # Django hands over no exception, and a middleware that met the outage is nowhere else heard of.
    error = sys.exc_info()[1]
    if isinstance(error, _OUTAGES):
        return _unavailable(request, error)
    return _plain(request, "errors/500.html", status=500)


class FailuresMiddleware(MiddlewareMixin):
    """Turns what fails closed into a page that says so."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the log, the keys and lock 2; everything else goes on to Django."""
        match exception:
            case CoverClosed() | SupervisionClosed() if request.method == "POST":
                return _closed(request, "cover" if isinstance(exception, CoverClosed) else "supervision")
            case NoSuchClient():
                return not_found(request, exception)
            case DatabaseFailure() | AuditUnavailable():
                return _logged(request, exception, _unavailable(request, exception))
            case KeyRefused():
                _record_key_refused(request, exception)
                return _closed_keys(request, "errors/key_refused.html", status=500)
            case SealBroken():
                return _closed_keys(request, "errors/seal_broken.html", status=500)
            case KeysError():
                return _closed_keys(request, "errors/no_key.html", status=403)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Lead on whoever opens an address that only takes a form, as from a history or a bookmark."""
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET" or wants_json(request):
            return response
        page = render(request, "errors/405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


def _closed(request: HttpRequest, what: str) -> HttpResponse:
    """Give back what somebody typed into a record that closed meanwhile: it was open to them when they began.

    :param what: by what it had been open, which is over
    """
    if wants_json(request):
        words = "The time is over for which you had opened this record. Copy your text, then open the record again."
        return JsonResponse({"error": words}, status=404)
    match = request.resolver_match
    kept = kept_fields(request.POST, view_name=match.view_name if match else "")
    return render(request, f"errors/{what}_closed.html", {"kept": kept}, status=404)


def _closed_keys(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """Answer where keys or seals do not hold; what somebody typed is given back to be copied or sent once more."""
    kept = _kept(request) if request.method == "POST" else None
    return render(request, template, {"kept": kept}, status=status)


def _record_key_refused(request: HttpRequest, error: KeyRefused) -> None:
    by = getattr(request, "actor", None) or visitor(cast("VisitorRequest", request))
    target = asked_for(request.resolver_match) if request.resolver_match else None
    record_refusal(Act.KEY_REFUSED, by=by, target=target, fields=[error.reason], at=timezone.now())


def _logged(request: HttpRequest, error: Exception, response: HttpResponse) -> HttpResponse:
    # As Django does for what nobody caught; the formatter puts the name of the view in place of the last argument.
    log_response("%s: %s", type(error).__name__, "", response=response, request=request, exception=error)
    return response


def _unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Answer while database or log cannot be written: nothing is opened, and nothing that was typed is lost."""
    by_the_log = isinstance(error, AuditUnavailable)
    if wants_json(request):
        words = "The practice’s server cannot write to its records just now."
        return JsonResponse({"error": words}, status=503)
    if request.method == "POST":
        context = {"kept": _kept(request), "by_the_log": by_the_log, "csrf_token": get_token(request)}
        return _plain(request, "errors/not_saved.html", status=503, **context)
    return _plain(request, "errors/log_unavailable.html" if by_the_log else "errors/503.html", status=503)


def _kept(request: HttpRequest) -> list[Kept] | None:
    """Return what was typed, or None where it must not be sent again by a press.

    Pages for everybody take passphrases and codes only. And what another site made somebody send would come from our
    own page the second time, so the form's token is checked here too: the outage may have been met before it was.
    """
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    row = POLICY.get(match.view_name)
    is_ours = _FormToken(broken).process_view(request, match.func, match.args, match.kwargs) is None
    may_be_sent_again = is_ours and row and not row.is_public
    return kept_fields(request.POST, view_name=match.view_name) if may_be_sent_again else None


class _FormToken(CsrfViewMiddleware):
    """Django's check of a form's token, for asking only."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        # Django's own answer is a page with all that stands around it, which asks the database.
        return HttpResponse(status=403)


def _plain(request: HttpRequest, template: str, *, status: int, **context: object) -> HttpResponse:
    """Render without asking the database anything: it may be what failed."""
    page = render_to_string(template, {"client_page": is_client_page(request), **context})
    return HttpResponse(page, status=status)
