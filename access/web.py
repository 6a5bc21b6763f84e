"""The browser's side of a session: Django's session, the unlock cookie, and who is asking."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp import login as confirm_device
from django_otp.middleware import is_verified
from django_otp.models import Device

from access.requests import ActingRequest, Unlocked, VisitorRequest
from access.services.key_sessions import OpenSession
from access.sessions import SessionStore
from audit.actors import Nobody

if TYPE_CHECKING:
    from access.models import User


def visitor(request: VisitorRequest) -> Nobody:
    """Return the actor of a request on which nobody is signed in."""
    return Nobody(request.origin)


def begin(request: VisitorRequest, opened: OpenSession, *, device: Device | None) -> None:
    """Tie a freshly opened session to this browser. A new session id is drawn."""
    login(request, opened.user, backend="access.backend.PassphraseBackend")
    if device is not None:
        confirm_device(request, device)
    request.session["signed_in_at"] = opened.row.opened_at.isoformat()
    resume(request, opened)


def resume(request: VisitorRequest | ActingRequest, opened: OpenSession) -> None:
    """Put a reopened session in the place of the one that went idle."""
    request.session["unlock_id"] = str(opened.id)
    request.unlock_cookie = opened.cookie
    request.user = opened.user
    request.unlocked = Unlocked(opened.user, opened.keys, opened.row)


def end(request: VisitorRequest | ActingRequest) -> None:
    """Forget everything this browser holds."""
    logout(request)
    request.unlock_cookie = ""


def forget(request: VisitorRequest) -> None:
    """Take both cookies from the browser without touching the database, when it cannot be written."""
    request.session = SessionStore()
    request.unlock_cookie = ""


def reopenable(request: VisitorRequest) -> "tuple[User, datetime] | None":
    """Say whose session only went idle on this device, and when it was first opened: less than twelve hours ago."""
    user, signed_in_at = request.user, request.session.get("signed_in_at")
    if not user.is_authenticated or not is_verified(user) or signed_in_at is None:
        return None
    opened_at = datetime.fromisoformat(signed_in_at)
    if timezone.now() - opened_at > timedelta(seconds=settings.ABSOLUTE_SESSION):
        return None
    return user, opened_at


def safe_next(request: HttpRequest, fallback: str = "/") -> str:
    """Return where to go next: an address of ours, else the fallback."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A bare word would be taken for the name of a view.
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours and _leads_in(wanted) else fallback


def _leads_in(wanted: str) -> bool:
    """Say whether an address is a page of ours other than the way out, which is for a person to press."""
    try:
        match = resolve(unquote(urlsplit(wanted).path))
    except Resolver404:
        return False
    # A browser takes a backslash for a slash, and so may take another page out of an address than we do.
    return "\\" not in wanted and match.view_name != "access:leave"


def wants_json(request: HttpRequest) -> bool:
    """Say whether a script on the page asks, not the person."""
    return request.headers.get("Accept", "").startswith("application/json")
