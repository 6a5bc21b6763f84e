"""Who may begin, and who may go on: one browser, with one code, while there is no practice."""

import hmac
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from access.services.first_run import SET_UP_TRIES, NotTheCode, allow_set_up, begin_set_up
from access.services.throttling import Throttled
from practice.first_run.progress import Page
from tests.at_rest import dump, spellings
from tests.practice.first_run.begun import (
    ADDRESSES,
    SetUp,
    come_to,
    everything,
    sit_down,
    typed_codes,
)


class TestTheFirstPage:
    def test_leads_to_the_set_up_as_long_as_there_is_no_practice(self):
        for address in ("/", "/today/"):
            assert Browser().get(address)["Location"] == "/set-up/"


class TestTheCode:
    def test_begins_once(self):
        code, first, second = allow_set_up(at=timezone.now()), Browser(), Browser()
        assert first.post("/set-up/", {"code": code.upper().replace("-", " ")})["Location"] == "/set-up/practice/"
        again = second.post("/set-up/", {"code": code})
        assert again.status_code == 409
        assert "Another browser" in again.content.decode()
        assert not again.cookies.get(settings.SET_UP_COOKIE_NAME)
        assert bytes(SetUp.objects.get().code_mac) == b""

    def test_of_two_browsers_at_once_lets_one_in(self, monkeypatch):
        code = allow_set_up(at=timezone.now())
        compare = hmac.compare_digest

        def overtaken(one: bytes, other: bytes) -> bool:
            monkeypatch.setattr(hmac, "compare_digest", compare)
            begin_set_up(code=code, progress=b"the quicker one's", at=timezone.now())
            return bool(compare(one, other))

        monkeypatch.setattr(hmac, "compare_digest", overtaken)
        with pytest.raises(NotTheCode):
            begin_set_up(code=code, progress=b"the slower one's", at=timezone.now())

    def test_that_is_wrong_leaves_nothing(self):
        allow_set_up(at=timezone.now())
        before, browser = everything(), Browser()
        page = browser.post("/set-up/", {"code": "aaaaa-aaaaa"})
        assert "That is not the code" in page.content.decode()
        assert not browser.cookies.get(settings.SET_UP_COOKIE_NAME)
        assert everything() == before
        assert SetUp.objects.get().ceremony is None

    def test_dies_after_an_hour(self):
        code = allow_set_up(at=timezone.now() - timedelta(hours=1))
        with pytest.raises(NotTheCode):
            begin_set_up(code=code, progress=b"", at=timezone.now())
        assert Browser().post("/set-up/", {"code": code}).status_code == 409
        assert not SetUp.objects.exists()

    def test_is_not_guessed_in_a_hurry(self):
        code = allow_set_up(at=timezone.now())
        for _ in range(SET_UP_TRIES.tries):
            with pytest.raises(NotTheCode):
                begin_set_up(code="aaaaa-aaaaa", progress=b"", at=timezone.now())
        with pytest.raises(Throttled):
            begin_set_up(code=code, progress=b"", at=timezone.now())
        assert "too many tries" in Browser().post("/set-up/", {"code": code}).content.decode()

    def test_lies_nowhere_in_the_clear(self):
        code = allow_set_up(at=timezone.now())
        plain = [code, code.replace("-", ""), code.upper()]
        at_rest = dump()
        assert not [text for word in plain for text in spellings(word.encode()) if text in at_rest]

    def test_of_later_ends_what_was_begun(self):
        browser = sit_down(come_to(Page.PRINT))
        allow_set_up(at=timezone.now())
        # The page of the set-up is for whoever has the new code.
        assert browser.get("/set-up/sheets/print/").status_code == 409
        assert "One-time code" in browser.get("/set-up/").content.decode()

    def test_is_asked_for_only_where_one_waits(self):
        assert Browser().get("/set-up/").status_code == 409


class TestAnotherBrowser:
    @pytest.mark.parametrize("cookie", ["", "not base64!", "A" * 43 + "="])
    def test_is_refused_in_words_and_shown_nothing(self, cookie):
        progress = come_to(Page.PRINT)
        mine, other = sit_down(progress), Browser()
        other.cookies[settings.SET_UP_COOKIE_NAME] = cookie
        for address in ADDRESSES:
            for answer in (other.get(address), other.post(address, typed_codes(progress))):
                assert answer.status_code in {405, 409}
                assert "Linden House" not in answer.content.decode()
        assert "Another browser is setting this practice up" in other.get("/set-up/sheets/").content.decode()
        assert mine.get("/set-up/sheets/print/").status_code == 200

    def test_of_an_earlier_set_up_is_as_good_as_none(self):
        earlier = sit_down(come_to(Page.PRINT))
        sit_down(come_to(Page.NAMES))
        assert earlier.get("/set-up/practice/").status_code == 409

    def test_comes_too_late_after_three_hours(self):
        browser = sit_down(come_to(Page.PRINT))
        SetUp.objects.update(valid_until=timezone.now())
        assert browser.get("/set-up/sheets/print/").status_code == 409
        assert not SetUp.objects.exists()


class TestAfterTheEnd:
    def test_every_address_is_closed_for_everybody(self):
        progress = come_to(Page.PRINT)
        browser = sit_down(progress)
        cookie = browser.cookies[settings.SET_UP_COOKIE_NAME].value
        browser.post("/set-up/sheets/typed/", typed_codes(progress))
        # Even where a code was drawn, a row put back or a cookie kept.
        code = allow_set_up(at=timezone.now())
        browser.cookies[settings.SET_UP_COOKIE_NAME] = cookie
        assert len(ADDRESSES) == 10
        for address in ADDRESSES:
            for method in ("GET", "POST", "HEAD", "OPTIONS"):
                assert browser.generic(method, address).status_code == 404
            assert browser.post(address, {"code": code}).status_code == 404
        assert not SetUp.objects.exclude(ceremony=None).exists()

    def test_leaves_no_set_up_behind(self):
        progress = come_to(Page.PRINT)
        sit_down(progress).post("/set-up/sheets/typed/", typed_codes(progress))
        assert not SetUp.objects.exists()

    def test_is_never_reached_in_a_demo(self, settings):
        browser = sit_down(come_to(Page.PRINT))
        settings.DEMO = True
        assert {browser.get(address).status_code for address in ADDRESSES} == {404}
