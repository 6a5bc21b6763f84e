"""Sitting down with somebody else's cookies, or with one's own of yesterday."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from access.models import KeySession, User
from access.sessions import SessionStore
from access.states import State

STATUS = "/session/status/"
COOKIE = settings.UNLOCK_COOKIE_NAME


def is_open(browser):
    """Ask whether the session is open, without keeping it so."""
    return browser.get(STATUS, headers={"accept": "application/json"}).status_code == 200


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
        cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
        stored = [row.session_key for row in Session.objects.all()]
        assert cookie not in stored
        assert stored
        for key in stored:
            browser.cookies[settings.SESSION_COOKIE_NAME] = key
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
