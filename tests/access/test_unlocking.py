"""What the middleware opens for a request, for how long, and what it believes of where the request came from."""

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

from access.middleware import SecondFactorMiddleware, UnlockMiddleware

COOKIE = django_settings.UNLOCK_COOKIE_NAME


class TestTheMiddleware:
    def test_drops_the_keys_even_if_a_view_breaks(self, cast, signed_in):
        browser = signed_in(cast.dana)
        request = request_of(browser)

        def breaks(request):
            assert request.unlocked.keys.holder == cast.dana.user.pk
            raise RuntimeError

        with pytest.raises(RuntimeError):
            UnlockMiddleware(breaks)(request)
        assert request.unlocked is None
        assert request.actor is None

    def test_gives_and_takes_the_cookie_for_this_site_alone(self, db, settings):
        settings.TLS = True
        for value in ("half a key", ""):
            request = request_of(None)

            def answer(request, value=value):
                request.unlock_cookie = value
                return HttpResponse()

            cookie = UnlockMiddleware(answer)(request).cookies[COOKIE]
            assert cookie.value == value
            assert cookie["samesite"] == "Strict"
            assert bool(cookie["httponly"] and cookie["secure"]) is bool(value)

    @pytest.mark.parametrize(
        ("behind", "forwarded", "net"),
        [
            (False, "10.9.8.7", "192.0.2.0/24"),
            (True, "10.9.8.7, 203.0.113.9", "203.0.113.0/24"),
            (True, None, "192.0.2.0/24"),
        ],
    )
    def test_believes_only_its_own_proxy(self, db, settings, behind, forwarded, net):
        settings.BEHIND_PROXY = behind
        request = request_of(None)
        request.META["REMOTE_ADDR"] = "192.0.2.17"
        if forwarded:
            request.META["HTTP_X_FORWARDED_FOR"] = forwarded
        UnlockMiddleware(lambda _: HttpResponse())(request)
        assert request.origin.net == net


def request_of(browser):
    """Make the request a browser would send, as it reaches our middleware."""
    request = RequestFactory().get("/")
    if browser is not None:
        request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    for middleware in (SessionMiddleware, AuthenticationMiddleware, SecondFactorMiddleware):
        middleware(lambda _: HttpResponse())(request)
    return request
