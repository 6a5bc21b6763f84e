import json
import os
import subprocess
import sys
import threading
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from access.middleware import UnlockMiddleware
from access.models import KeySession, User
from access.services.key_sessions import (
    absolute_left,
    close_session,
    find_open,
    freshen,
    idle_left,
    is_fresh,
    open_keys,
    open_session,
    touch,
)
from access.sessions import SessionStore
from access.states import State

STATUS = "/session/status/"
COOKIE = django_settings.UNLOCK_COOKIE_NAME


def is_open(browser):
    """Ask whether the session is open, without keeping it so."""
    return browser.get(STATUS, headers={"accept": "application/json"}).status_code == 200


@pytest.fixture
def at():
    return timezone.now()


@pytest.fixture
def opened(cast, at):
    return open_session(user=User.objects.get(pk=cast.dana.user.pk), keys=cast.dana.keys, at=at)


class TestAKeySession:
    def test_opens_with_row_and_cookie_together(self, cast, opened):
        assert open_keys(opened.row, cookie=opened.cookie).seeds == cast.dana.keys.seeds

    @pytest.mark.parametrize("cookie", ["", "short", "é", "A" * 44, urlsafe_b64encode(bytes(32)).decode()])
    def test_stays_closed_to_another_cookie(self, opened, cookie):
        assert open_keys(opened.row, cookie=cookie) is None

    def test_stays_closed_with_the_row_of_another_session(self, cast, opened, at):
        other = open_session(user=opened.user, keys=cast.dana.keys, at=at)
        assert open_keys(other.row, cookie=opened.cookie) is None

    def test_has_no_key_in_its_row(self, opened):
        blob = bytes(opened.row.sealed_bundle)
        for seed in (opened.keys.seeds.xwing, opened.keys.seeds.mldsa, opened.keys.seeds.ed25519):
            assert seed not in blob

    def test_is_found_for_its_own_person_only(self, cast, opened, at):
        assert find_open(user=opened.user, unlock_id=opened.id, at=at) == opened.row
        assert find_open(user=cast.sam.user, unlock_id=opened.id, at=at) is None
        assert find_open(user=opened.user, unlock_id=uuid4(), at=at) is None

    @pytest.mark.parametrize("limit", ["IDLE_STAFF", "ABSOLUTE_SESSION"])
    def test_is_gone_when_it_was_idle_or_open_too_long(self, opened, at, limit, settings):
        life = timedelta(seconds=getattr(settings, limit))
        KeySession.objects.update(seen_at=at if limit == "IDLE_STAFF" else at + life)
        assert find_open(user=opened.user, unlock_id=opened.id, at=at + life - timedelta(seconds=1))
        assert find_open(user=opened.user, unlock_id=opened.id, at=at + life) is None
        assert not KeySession.objects.exists()

    def test_has_a_clock_of_its_own_for_clients(self, cast, at, settings):
        settings.IDLE_CLIENT = 60
        client = open_session(user=User.objects.get(pk=cast.robin.person.user.pk), keys=cast.robin.person.keys, at=at)
        assert idle_left(client.row, at=at) == timedelta(seconds=60)
        assert absolute_left(client.row, at=at) == timedelta(hours=12)

    def test_notes_activity_once_a_minute(self, opened, at):
        touch(opened.row, at=at + timedelta(seconds=59))
        assert KeySession.objects.get().seen_at == at
        touch(opened.row, at=at + timedelta(seconds=60))
        assert KeySession.objects.get().seen_at == at + timedelta(seconds=60)

    def test_is_fresh_for_ten_minutes_after_the_passphrase(self, opened, at):
        assert is_fresh(opened.row, at=at + timedelta(minutes=10))
        assert not is_fresh(opened.row, at=at + timedelta(minutes=10, seconds=1))
        freshen(opened.id, at=at + timedelta(minutes=11))
        assert is_fresh(KeySession.objects.get(), at=at + timedelta(minutes=20))

    def test_can_be_closed(self, opened):
        close_session(opened.id)
        assert not KeySession.objects.exists()

    def test_clears_away_what_closed_browsers_left(self, cast, opened, at):
        open_session(user=opened.user, keys=cast.dana.keys, at=at + timedelta(hours=11))
        open_session(user=opened.user, keys=cast.dana.keys, at=at + timedelta(hours=13))
        assert KeySession.objects.count() == 2
        assert not KeySession.objects.filter(pk=opened.id).exists()


class TestABrowser:
    @pytest.fixture
    def browser(self, cast, signed_in):
        browser = signed_in(cast.dana)
        assert is_open(browser)
        return browser

    def test_without_its_unlock_cookie_is_signed_out(self, browser):
        del browser.cookies[COOKIE]
        assert not is_open(browser)

    def test_with_the_cookie_of_somebody_else_is_signed_out(self, cast, browser, signed_in):
        browser.cookies[COOKIE] = signed_in(cast.sam).cookies[COOKIE].value
        assert not is_open(browser)

    def test_with_the_session_id_of_somebody_else_is_signed_out(self, cast, browser, signed_in):
        session = browser.session
        session["unlock_id"] = str(KeySession.objects.get(user=signed_in_user(cast, signed_in)).pk)
        session.save()
        assert not is_open(browser)

    @pytest.mark.parametrize("unlock_id", [None, "", "no id"])
    def test_with_no_session_id_is_signed_out(self, browser, unlock_id):
        session = browser.session
        session["unlock_id"] = unlock_id
        session.save()
        assert not is_open(browser)

    def test_without_its_second_factor_is_signed_out(self, browser):
        session = browser.session
        del session["otp_device_id"]
        session.save()
        assert not is_open(browser)

    def test_of_somebody_who_has_left_is_signed_out(self, cast, browser):
        User.objects.filter(pk=cast.dana.user.pk).update(state=State.ENDED)
        assert not is_open(browser)

    def test_cannot_replay_its_cookies_after_signing_out(self, browser):
        old = {name: morsel.value for name, morsel in browser.cookies.items()}
        browser.post("/sign-out/")
        for name, value in old.items():
            browser.cookies[name] = value
        assert not is_open(browser)

    def test_cannot_replay_its_cookies_after_the_idle_lock(self, browser):
        KeySession.objects.update(seen_at=timezone.now() - timedelta(minutes=16))
        assert not is_open(browser)
        assert not KeySession.objects.exists()

    def test_keeps_no_session_open_by_asking_for_the_clock(self, browser):
        before = timezone.now() - timedelta(minutes=5)
        KeySession.objects.update(seen_at=before)
        browser.get(STATUS, headers={"accept": "application/json"})
        assert KeySession.objects.get().seen_at == before
        browser.post("/session/stay/")
        assert KeySession.objects.get().seen_at > before


def signed_in_user(cast, signed_in):
    signed_in(cast.sam)
    return cast.sam.user


class TestTheSessionTable:
    def test_holds_no_live_cookie(self, cast, signed_in):
        browser = signed_in(cast.dana)
        cookie = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
        stored = [row.session_key for row in Session.objects.all()]
        assert cookie not in stored
        assert stored
        for key in stored:
            browser.cookies[django_settings.SESSION_COOKIE_NAME] = key
            assert not is_open(browser)

    def test_forgets_a_session_that_is_deleted_and_draws_a_new_key_for_a_forged_one(self, db):
        store = SessionStore()
        store["a"] = 1
        store.save()
        assert store.exists(store.session_key)
        assert SessionStore(store.session_key)["a"] == 1
        store.delete()
        store.delete("of somebody else")
        SessionStore().delete()
        assert not store.exists(store.session_key)
        forged = SessionStore(store.session_key)
        assert forged.load() == {}
        assert forged.session_key is None

    def test_draws_a_new_key_at_every_sign_in(self, db):
        store = SessionStore()
        store["a"] = 1
        store.save()
        old = store.session_key
        store.cycle_key()
        assert store.session_key != old
        assert SessionStore(old).load() == {}
        assert SessionStore(store.session_key)["a"] == 1


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
    from django.contrib.auth.middleware import AuthenticationMiddleware
    from django.contrib.sessions.middleware import SessionMiddleware
    from django_otp.middleware import OTPMiddleware

    request = RequestFactory().get("/")
    if browser is not None:
        request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    for middleware in (SessionMiddleware, AuthenticationMiddleware, OTPMiddleware):
        middleware(lambda _: HttpResponse())(request)
    return request


class TestManyAtOnce:
    def test_never_see_each_others_keys(self, cast, signed_in):
        """Two people, fifty interleaved threads each: whose keys are open is always whose session it is."""
        people = [cast.dana, cast.sam]
        rows = [open_session(user=p.user, keys=p.keys, at=timezone.now()) for p in people]
        start, seen = threading.Barrier(100), []

        def look(n):
            person, opened = people[n % 2], rows[n % 2]
            start.wait()
            for other in (opened, rows[1 - n % 2]):
                keys = open_keys(opened.row, cookie=other.cookie)
                seen.append((person.user.pk if other is opened else None, keys.holder if keys else None))

        threads = [threading.Thread(target=look, args=(n,)) for n in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 200
        assert all(expected == holder for expected, holder in seen)


class TestASecondWorker:
    def test_opens_what_the_first_one_sealed(self, cast, opened):
        """A fresh process, which shares nothing but the row and the cookie."""
        script = """if True:
            import json, sys, django
            django.setup()
            from uuid import UUID
            from access.models import KeySession
            from access.services.key_sessions import open_keys
            row = json.load(sys.stdin)
            blob = bytes.fromhex(row["blob"])
            session = KeySession(id=UUID(row["id"]), user_id=UUID(row["user"]), sealed_bundle=blob)
            keys = open_keys(session, cookie=row["cookie"])
            print(keys.key_id.hex() if keys else "closed")
        """
        row = {"id": str(opened.id), "user": str(opened.user.pk), "blob": bytes(opened.row.sealed_bundle).hex()}
        for cookie, expected in ((opened.cookie, opened.keys.key_id.hex()), ("A" * 44, "closed")):
            done = subprocess.run(
                [sys.executable, "-c", script],
                input=json.dumps({**row, "cookie": cookie}),
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(Path.cwd())},
            )
            assert done.stdout.strip() == expected
