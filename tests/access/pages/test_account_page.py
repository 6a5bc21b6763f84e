"""Everybody's own account: how they sign in, where they are signed in, and who tried."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from access.models import KeySession
from access.models.devices import BackupCodes
from access.roles import Role
from access.services.signing_in import PassphraseRefused, Proof, reauthenticate, reopen, sign_in
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.services import record_refusal
from tests.access.pages.visitors import app_code, text_of


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


@pytest.fixture
def elsewhere(cast, signed_in, dana):
    """Sit Dana down at a second browser."""
    return signed_in(cast.dana)


def try_to_sign_in(person, **wrong):
    typed = {"address": person.address, "passphrase": person.passphrase, "code": "", **wrong}
    return Browser().post("/sign-in/", typed, REMOTE_ADDR="203.0.113.9")


def failures_on(answer):
    return text_of(answer).partition("Slips and tries that did not match")[2]


class TestMyAccount:
    def test_shows_roles_and_how_somebody_signs_in(self, dana):
        words = text_of(dana.get("/account/"))
        assert "Dana Whitlock" in words
        assert "Authenticator app" in words
        assert "therapist" in words

    def test_says_when_the_recovery_code_is_asked_for_again(self, cast, dana):
        ask_at = timezone.localtime(cast.dana.user.recovery_ask_at)
        assert f"type it again on {ask_at.day} {ask_at:%B %Y}." in text_of(dana.get("/account/"))

    def test_counts_the_backup_codes_that_are_left(self, cast, dana):
        device = BackupCodes.objects.get(user=cast.dana.user)
        [code, *_] = BackupCodes.print_for(cast.dana.user.pk)
        assert "Backup codes on paper: 8 left" in text_of(dana.get("/account/"))
        assert BackupCodes.objects.exclude(pk=device.pk).get(user=cast.dana.user).verify_token(code)
        assert "Backup codes on paper: 7 left" in text_of(dana.get("/account/"))

    def test_shows_where_somebody_is_signed_in(self, dana, elsewhere):
        words = text_of(dana.get("/account/"))
        assert "Here , since" in words
        assert words.count("Elsewhere, since") == 1

    def test_leaves_out_a_session_that_is_over(self, dana, elsewhere):
        KeySession.objects.filter(pk=elsewhere.session["unlock_id"]).update(
            opened_at=timezone.now() - timedelta(hours=12, minutes=1)
        )
        assert "Elsewhere" not in text_of(dana.get("/account/"))

    def test_shows_a_try_of_somebody_who_did_not_get_in(self, cast, dana):
        try_to_sign_in(cast.dana, passphrase="a guess of fourteen", code=app_code(cast.dana.user))
        assert "from the network 203.0.113.0/24" in failures_on(dana.get("/account/"))

    def test_does_not_forget_who_got_in_for_all_who_did_not(self, cast, dana):
        """Eight wrong tries push a break-in off no page."""
        network = Nobody(Origin(net="198.51.100.0/24", device="phone"))
        code, now = app_code(cast.dana.user), timezone.now()
        sign_in(by=network, proof=Proof(cast.dana.address, cast.dana.passphrase, code), at=now)
        for _ in range(9):
            record_refusal(Act.SIGN_IN_FAILED, by=network, target=cast.dana.user, at=timezone.now())
        answer = dana.get("/account/")
        entered, _, failed = text_of(answer).partition("Slips and tries that did not match")
        assert "on a phone, from the network 198.51.100.0/24" in entered
        assert failed.count("198.51.100.0/24") == 8

    def test_shows_a_return_with_the_passphrase_alone(self, cast, dana):
        by = Nobody(Origin(net="198.51.100.0/24"))
        now = timezone.now()
        reopen(by=by, user=cast.dana.user, passphrase=cast.dana.passphrase, opened_at=now, at=now)
        assert "from the network 198.51.100.0/24 , back with the passphrase alone" in text_of(dana.get("/account/"))

    def test_calls_a_slip_of_ones_own_a_slip(self, cast, dana):
        with pytest.raises(PassphraseRefused):
            reauthenticate(by=cast.dana.as_(Role.THERAPIST), passphrase="one wrong key", at=timezone.now())
        said = failures_on(dana.get("/account/"))
        assert "a wrong passphrase or code on a page where you were already signed in" in said
        assert "at the door" not in said

    def test_calls_a_try_at_the_door_so(self, cast, dana):
        try_to_sign_in(cast.dana, passphrase="a guess of fourteen", code=app_code(cast.dana.user))
        said = failures_on(dana.get("/account/"))
        assert "a wrong passphrase or code at the door; nothing was opened" in said
        assert "already signed in" not in said

    def test_names_the_zone_of_each_time(self, cast, dana):
        assert re.search(r"Here , since \d+ \w+, \d\d:\d\d UTC", text_of(dana.get("/account/")))

    def test_shows_nobody_elses_sign_ins(self, cast, dana):
        try_to_sign_in(cast.sam, passphrase="a guess of fourteen", code=app_code(cast.sam.user))
        assert "203.0.113" not in text_of(dana.get("/account/"))

    def test_speaks_to_a_client_of_the_practice(self, cast, signed_in):
        words = text_of(signed_in(cast.robin.person).get("/account/"))
        assert "tell the practice" in words
        assert "Who I am here" not in words


class TestSignOutElsewhere:
    def test_leaves_this_session_and_ends_the_others(self, dana, elsewhere):
        answer = dana.post("/account/sign-out-elsewhere/", follow=True)
        assert "Wherever else you were signed in, you are not any more." in text_of(answer)
        assert dana.get("/").status_code == 302
        assert elsewhere.get("/account/")["Location"].startswith("/sign-in/")

    def test_makes_the_other_browser_ask_for_everything_again(self, cast, dana, elsewhere):
        dana.post("/account/sign-out-elsewhere/")
        answer = elsewhere.post("/again/", {"passphrase": cast.dana.passphrase, "next": "/account/"})
        assert answer.status_code != 302
        assert elsewhere.get("/account/").status_code == 302
        assert KeySession.objects.filter(user=cast.dana.user).count() == 1

    def test_reaches_a_browser_that_only_went_idle(self, cast, dana, elsewhere):
        KeySession.objects.filter(pk=elsewhere.session["unlock_id"]).delete()
        dana.post("/account/sign-out-elsewhere/")
        answer = elsewhere.post("/again/", {"passphrase": cast.dana.passphrase, "next": "/account/"})
        assert answer.status_code != 302
        assert KeySession.objects.filter(user=cast.dana.user).count() == 1

    def test_ends_nobody_elses(self, cast, signed_in, dana):
        sam = signed_in(cast.sam)
        dana.post("/account/sign-out-elsewhere/")
        assert sam.get("/account/").status_code == 200

    def test_takes_a_form_only(self, dana, elsewhere):
        assert dana.get("/account/sign-out-elsewhere/").status_code == 405
        assert elsewhere.get("/account/").status_code == 200
