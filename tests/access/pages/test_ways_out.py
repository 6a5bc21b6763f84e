"""Leaving: it works for whoever is signed in, whoever went idle, and when the database cannot write."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError

from access.models import KeySession
from access.views import signing_in
from audit.services import AuditUnavailable


def cookies_of(answer) -> dict[str, str]:
    return {name: morsel.value for name, morsel in answer.cookies.items()}


class TestLeave:
    def test_leads_to_a_neutral_page_signed_out(self, cast, signed_in):
        browser = signed_in(cast.robin.person)
        answer = browser.get("/leave/")
        assert answer["Location"] == settings.NEUTRAL_PAGE
        assert browser.get("/my/").status_code == 302

    @pytest.mark.parametrize("failure", [OperationalError("database is locked"), AuditUnavailable()])
    def test_leaves_all_the_same_when_nothing_can_be_written(self, cast, signed_in, monkeypatch, failure):
        def fail(**_: object) -> None:
            raise failure

        monkeypatch.setattr(signing_in, "sign_out", fail)
        browser = signed_in(cast.robin.person)
        answer = browser.get("/leave/")
        assert answer["Location"] == settings.NEUTRAL_PAGE
        assert cookies_of(answer)[settings.SESSION_COOKIE_NAME] == ""
        assert cookies_of(answer)[settings.UNLOCK_COOKIE_NAME] == ""
        assert browser.get("/my/").status_code == 302

    @pytest.mark.parametrize(
        "headers",
        [
            {},  # an old browser
            {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"},
            {"sec-fetch-site": "none", "sec-fetch-dest": "document"},  # typed, or a bookmark
        ],
    )
    def test_signs_out_whoever_asks_for_it(self, cast, signed_in, headers):
        browser = signed_in(cast.robin.person)
        browser.get("/leave/", headers=headers)
        assert not KeySession.objects.filter(user=cast.robin.person.user).exists()
        assert browser.get("/my/").status_code == 302

    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"},  # a link of another site
            {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"},
            {"sec-fetch-site": "same-site", "sec-fetch-dest": "document"},
            {"sec-fetch-site": "same-origin", "sec-fetch-dest": "image"},
            {"sec-fetch-site": "same-origin", "sec-fetch-dest": "iframe"},
            {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document", "sec-purpose": "prefetch"},
            {"purpose": "prefetch"},
            {"x-purpose": "preview"},
            {"x-moz": "prefetch"},
        ],
    )
    def test_signs_out_nobody_for_somebody_else(self, cast, signed_in, headers):
        browser = signed_in(cast.robin.person)
        answer = browser.get("/leave/", headers=headers)
        assert answer["Location"] == settings.NEUTRAL_PAGE
        assert not answer.cookies
        assert browser.get("/my/").status_code == 200


class TestSignOut:
    def test_forgets_who_it_was_after_the_session_went_idle(self, cast, signed_in):
        browser = signed_in(cast.manager)
        KeySession.objects.filter(user=cast.manager.user).update(
            seen_at=KeySession.objects.get(user=cast.manager.user).seen_at - timedelta(hours=1)
        )
        assert browser.post("/sign-out/")["Location"] == "/signed-out/"
        assert "/sign-in/" in browser.get("/people/")["Location"]

    def test_ends_the_session_row(self, cast, signed_in):
        signed_in(cast.manager).post("/sign-out/")
        assert not KeySession.objects.filter(user=cast.manager.user).exists()


class TestNext:
    @pytest.mark.parametrize(
        "wanted", ["foo", "access:sign_in", "//evil.example", "https://evil.example/", "/\\evil.example", "/nowhere/"]
    )
    def test_leads_home_where_it_is_no_address_of_ours(self, cast, signed_in, wanted):
        answer = signed_in(cast.manager).post("/again/", {"passphrase": cast.manager.passphrase, "next": wanted})
        assert answer.status_code == 302
        assert answer["Location"] == "/"

    @pytest.mark.parametrize(
        "wanted", ["/leave/", "/leave/?x", "/%6ceave/", "/leave", "/people/../leave/", "/welcome/..\\leave/"]
    )
    def test_never_leads_out(self, cast, signed_in, wanted):
        browser = signed_in(cast.manager)
        answer = browser.post("/again/", {"passphrase": cast.manager.passphrase, "next": wanted})
        assert answer["Location"] == "/"

    def test_leads_to_a_page_with_its_question(self, cast, signed_in):
        wanted = "/log/?what=notes"
        answer = signed_in(cast.manager).post("/again/", {"passphrase": cast.manager.passphrase, "next": wanted})
        assert answer["Location"] == wanted
