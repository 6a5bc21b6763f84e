"""What every answer says to the browser, whatever the page."""

import pytest

from tests.conftest import SignIn
from tests.practice.conftest import House

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}
PAGES = ["/sign-in/", "/healthz", "/people/", "/nowhere/", "/log/", "/session/status/", "/people/invite/"]


@pytest.mark.parametrize("address", PAGES)
class TestEveryAnswer:
    @pytest.fixture
    def answer(self, house: House, signed_in: SignIn, address):
        return signed_in(house.cast.manager).get(address)

    def test_lets_only_our_own_files_work(self, answer):
        assert set(answer["Content-Security-Policy"].split("; ")) == POLICY

    def test_is_kept_by_no_cache(self, answer):
        assert answer["Cache-Control"] == "no-store"

    def test_tells_other_sites_nothing(self, answer):
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_asks_for_no_camera_and_the_like(self, answer):
        assert answer["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def test_refusals_say_the_same(house: House, signed_in: SignIn):
    browser = signed_in(house.cast.dana)
    for answer in (browser.get("/people/"), browser.post("/people/invite/")):
        assert answer.status_code == 403
        assert answer["Cache-Control"] == "no-store"
        assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
