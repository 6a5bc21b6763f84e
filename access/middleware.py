"""Opens the keys of whoever is signed in, for the length of one request."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django_otp.middleware import OTPMiddleware, is_verified

from access.requests import Unlocked, VisitorRequest
from access.services.factors import find_device
from access.services.key_sessions import find_open, open_keys, touch
from access.states import State
from audit.actors import Origin, device_family, network_prefix

if TYPE_CHECKING:
    from access.models.devices import OurDevice

# Asked by a page again and again, which must not keep a session open by itself; and the ways out, which end it.
UNTOUCHED = frozenset({"access:status", "practice:follow_exports", "access:leave", "access:sign_out"})


class SecondFactorMiddleware(OTPMiddleware):  # type: ignore[misc]  # django-otp publishes no types
    """django-otp's own, which asks for the device of every request: by a question that is prepared."""

    def _device_from_persistent_id(self, persistent_id: str) -> "OurDevice | None":
        # Should this method get another name, theirs asks the same again, only slower.
        return find_device(persistent_id)


class UnlockMiddleware:
    """Sets ``request.unlocked`` and ``request.origin``. Without a valid unlock cookie everybody is signed out."""

    def __init__(self, get_response: Callable[[VisitorRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: VisitorRequest) -> HttpResponse:
        request.origin = origin_of(request)
        request.unlock_cookie = request.actor = None
        request.unlocked = unlock(request, at=timezone.now())
        try:
            response = self.get_response(request)
        finally:
            # Keys live on the request only, and not a moment longer than it.
            request.unlocked = request.actor = None
        if request.unlock_cookie is not None:
            set_unlock_cookie(response, request.unlock_cookie)
        return response

    def process_view(self, request: VisitorRequest, view: object, args: object, kwargs: object) -> None:
        """Note activity once it is known which page was asked for."""
        match = request.resolver_match
        if request.unlocked and match and match.view_name not in UNTOUCHED:
            touch(request.unlocked.session, at=timezone.now())


def unlock(request: VisitorRequest, *, at: datetime) -> Unlocked | None:
    """Open the keys of a request, if user, second factor, session row and cookie all belong together."""
    user, cookie = request.user, request.COOKIES.get(settings.UNLOCK_COOKIE_NAME)
    unlock_id = _uuid(request.session.get("unlock_id"))
    if not user.is_authenticated or unlock_id is None or cookie is None:
        return None
    row = find_open(user=user, unlock_id=unlock_id, at=at)
    if row is None or not (is_verified(user) or user.state == State.ENROLLING):
        return None
    keys = open_keys(row, cookie=cookie)
    if keys is None or keys.holder != user.pk:
        return None
    return Unlocked(user, keys, row)


def origin_of(request: VisitorRequest) -> Origin:
    """Say where a request comes from, no closer than a network and a kind of device."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # The last one is what our own proxy saw; whatever stands before it was written by the visitor.
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).split(",")[-1].strip()
    device = device_family(request.META.get("HTTP_USER_AGENT", ""))
    return Origin(req=uuid.uuid4().hex, net=network_prefix(address), device=device)


def set_unlock_cookie(response: HttpResponse, value: str) -> None:
    """Give the browser its half; an empty value takes it away."""
    if not value:
        response.delete_cookie(settings.UNLOCK_COOKIE_NAME, samesite="Strict")
        return
    response.set_cookie(
        settings.UNLOCK_COOKIE_NAME, value, secure=settings.TLS, httponly=True, samesite="Strict", path="/"
    )


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
