"""Pages for what went wrong, each in plain words."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from access.requests import VisitorRequest
from access.web import visitor
from audit.acts import Act
from audit.services import AuditUnavailable, record_refusal
from clients.services.finding import NoSuchClient
from keys.errors import KeyRefused, KeysError, SealBroken
from practice.context import is_client_page
from practice.gate import asked_for


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Answer a form that did not come from one of our pages; nothing of it is echoed."""
    return render(request, "errors/csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer what could not be understood."""
    return _plain(request, "errors/400.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer somebody whose role does not open this page."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer for what is not there, and for what is not theirs: the same words."""
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something of ours failed."""
    return _plain(request, "errors/500.html", status=500)


class FailuresMiddleware(MiddlewareMixin):
    """Turns what fails closed into a page that says so."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the log, the keys and lock 2; everything else goes on to Django."""
        match exception:
            case NoSuchClient():
                return not_found(request, exception)
            case AuditUnavailable():
                return _plain(request, "errors/log_unavailable.html", status=503)
            case KeyRefused():
                _record_key_refused(request, exception)
                return render(request, "errors/key_refused.html", status=500)
            case SealBroken():
                return render(request, "errors/seal_broken.html", status=500)
            case KeysError():
                return render(request, "errors/no_key.html", status=403)
        return None


def _record_key_refused(request: HttpRequest, error: KeyRefused) -> None:
    by = getattr(request, "actor", None) or visitor(cast("VisitorRequest", request))
    target = asked_for(request.resolver_match) if request.resolver_match else None
    record_refusal(Act.KEY_REFUSED, by=by, target=target, fields=[error.reason], at=timezone.now())


def _plain(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """Render without asking the database anything: it may be what failed."""
    return HttpResponse(render_to_string(template, {"client_page": is_client_page(request)}), status=status)
