"""Pages for what went wrong, each in plain words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from audit.services import AuditUnavailable
from keys.errors import KeyRefused, KeysError, SealBroken


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Answer a form that did not come from one of our pages; nothing of it is echoed."""
    return render(request, "errors/csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer what could not be understood."""
    return render(request, "errors/400.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer somebody whose role does not open this page."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer for what is not there, and for what is not theirs: the same words."""
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something of ours failed."""
    return render(request, "errors/500.html", status=500)


class FailuresMiddleware(MiddlewareMixin):
    """Turns what fails closed into a page that says so."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the log and the keys; everything else goes on to Django."""
        if isinstance(exception, AuditUnavailable):
            return render(request, "errors/log_unavailable.html", status=503)
        if isinstance(exception, KeyRefused):
            return render(request, "errors/key_refused.html", status=500)
        if isinstance(exception, SealBroken):
            return render(request, "errors/seal_broken.html", status=500)
        if isinstance(exception, KeysError):
            return render(request, "errors/no_key.html", status=403)
        return None
