"""One form opens everything or nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from access.models import KeySession, Practice, Throttle
from access.models.devices import MailedCodeDevice
from audit.models import Entry
from tests.access.pages.visitors import app_code, text_of, wrong_code
from tests.cast import PASSPHRASE

DID_NOT_MATCH = "That did not match."


def sign_in(browser, address, passphrase, code, **more):
    return browser.post("/sign-in/", {"address": address, "passphrase": passphrase, "code": code, **more})


class TestSignIn:
    def test_leads_on_to_where_the_person_was_going(self, cast, client):
        answer = sign_in(client, cast.manager.address, PASSPHRASE, app_code(cast.manager.user), next="/people/")
        assert answer["Location"] == "/people/"
        assert "Who works here" in text_of(client.get("/people/"))

    def test_never_leads_to_another_site(self, cast, client):
        code = app_code(cast.manager.user)
        answer = sign_in(client, cast.manager.address, PASSPHRASE, code, next="https://elsewhere.example/people/")
        assert answer["Location"] == "/"

    @pytest.mark.parametrize("wrong", ["address", "passphrase", "code"])
    def test_opens_nothing_and_says_the_same_whatever_was_wrong(self, cast, client, wrong):
        right = {
            "address": cast.manager.address,
            "passphrase": PASSPHRASE,
            "code": app_code(cast.manager.user),
        }
        bad = {"address": "nobody@post.example", "passphrase": "no such words", "code": wrong_code(cast.manager.user)}
        answer = sign_in(client, **{**right, wrong: bad[wrong]})
        assert DID_NOT_MATCH in text_of(answer)
        assert not KeySession.objects.exists()
        assert settings.UNLOCK_COOKIE_NAME not in client.cookies
        assert client.get("/people/").status_code == 302

    def test_keeps_the_address_and_forgets_the_passphrase(self, cast, client):
        answer = sign_in(client, "robin@post.example", "no such words", "000000")
        page = answer.content.decode()
        assert 'value="robin@post.example"' in page
        assert "no such words" not in page

    def test_names_what_is_missing(self, db, client):
        words = text_of(sign_in(client, "", "", ""))
        assert "Please fill in “E-mail address”." in words
        assert "Please fill in “Passphrase”." in words

    def test_takes_a_code_only_once(self, cast, client):
        code = app_code(cast.manager.user)
        assert sign_in(client, cast.manager.address, PASSPHRASE, code).status_code == 302
        client.post("/sign-out/")
        assert DID_NOT_MATCH in text_of(sign_in(client, cast.manager.address, PASSPHRASE, code))

    def test_waits_after_ten_tries_even_with_everything_right(self, cast, client):
        for _ in range(10):
            sign_in(client, cast.manager.address, "no such words", "000000")
        answer = sign_in(client, cast.manager.address, PASSPHRASE, app_code(cast.manager.user))
        assert "There were too many tries." in text_of(answer)
        assert not KeySession.objects.exists()
        Throttle.objects.update(window_from=timezone.now() - timedelta(minutes=16))
        assert sign_in(client, cast.manager.address, PASSPHRASE, app_code(cast.manager.user)).status_code == 302

    def test_page_bears_a_title_that_says_nothing_about_a_practice(self, db, client):
        assert "<title>Sign in</title>" in client.get("/sign-in/").content.decode()


class TestSendMeACode:
    @pytest.fixture
    def mailbox(self, cast, settings):
        settings.EMAIL_CONFIGURED = True
        return MailedCodeDevice.objects.create(user=cast.robin.person.user, confirmed=True, name="mailbox")

    def test_says_the_same_for_every_address(self, cast, client, mailbox):
        addresses = ("robin@post.example", "dana@alder.example", "nobody@post.example")
        answers = [text_of(client.post("/sign-in/code/", {"address": address})) for address in addresses]
        assert len({answer.replace(address, "") for answer, address in zip(answers, addresses, strict=True)}) == 1
        assert [message.to for message in mail.outbox] == [["robin@post.example"]]

    def test_lets_its_owner_in_once(self, cast, client, mailbox):
        client.post("/sign-in/code/", {"address": "robin@post.example"})
        code = mail.outbox[0].body.split("code is ")[1][:6]
        robin = cast.robin.person
        assert sign_in(client, robin.address, robin.passphrase, code).status_code == 302
        assert client.get("/my/").status_code == 200
        client.post("/sign-out/")
        assert DID_NOT_MATCH in text_of(sign_in(client, robin.address, robin.passphrase, code))

    def test_mail_says_nothing_about_a_practice(self, cast, client, mailbox):
        client.post("/sign-in/code/", {"address": "robin@post.example"})
        sent = f"{mail.outbox[0].subject} {mail.outbox[0].body} {mail.outbox[0].from_email}".lower()
        assert not [word for word in ("alder", "practice", "therap", "robin") if word in sent]

    def test_stops_after_five(self, cast, client, mailbox):
        for _ in range(6):
            answer = client.post("/sign-in/code/", {"address": "robin@post.example"})
        assert "There were too many tries. Please wait until" in text_of(answer)
        assert len(mail.outbox) == 5
        assert Entry.objects.filter(action="auth:throttled", outcome="denied").count() == 1

    def test_asks_for_an_address_first(self, db, client, settings):
        settings.EMAIL_CONFIGURED = True
        assert "Please fill in “E-mail address”." in text_of(client.post("/sign-in/code/", {"address": ""}))


class TestSigningOut:
    def test_kills_the_cookie_on_both_sides(self, cast, signed_in):
        browser = signed_in(cast.manager)
        half = browser.cookies[settings.UNLOCK_COOKIE_NAME].value
        answer = browser.post("/sign-out/")
        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert not browser.cookies[settings.UNLOCK_COOKIE_NAME].value
        assert not KeySession.objects.exists()
        browser.cookies[settings.UNLOCK_COOKIE_NAME] = half
        assert browser.get("/people/").status_code == 302

    def test_says_that_nothing_is_open(self, db, client):
        assert "You are signed out" in text_of(client.get("/signed-out/"))

    def test_wants_a_press_not_a_link(self, cast, signed_in):
        assert signed_in(cast.manager).get("/sign-out/").status_code == 405


class TestLeavingQuickly:
    def test_signs_out_first_then_shows_another_site(self, cast, signed_in, settings):
        browser = signed_in(cast.robin.person)
        answer = browser.get("/leave/")
        assert answer["Location"] == settings.NEUTRAL_PAGE
        assert not KeySession.objects.exists()
        assert Entry.objects.filter(action="auth:signed_out").exists()

    def test_is_on_every_page_of_a_client(self, cast, signed_in):
        browser = signed_in(cast.robin.person)
        looks = f"/my/{cast.robin.client_id}/looks/"
        for path in ("/my/", looks, "/my/invitation/", "/account/", "/nowhere/", "/people/"):
            page = browser.get(path).content.decode()
            assert "data-leave>" in page, path
            assert "Alder Lane</title>" not in page, path


class TestAStolenSessionRow:
    def test_opens_nothing_without_the_browsers_half(self, cast, signed_in):
        browser = signed_in(cast.manager)
        del browser.cookies[settings.UNLOCK_COOKIE_NAME]
        assert browser.get("/people/").status_code == 302

    def test_opens_nothing_with_another_half(self, cast, signed_in):
        browser, other = signed_in(cast.manager), signed_in(cast.dana)
        browser.cookies[settings.UNLOCK_COOKIE_NAME] = other.cookies[settings.UNLOCK_COOKIE_NAME].value
        assert browser.get("/people/").status_code == 302


class TestTheClock:
    def test_tells_how_long_is_left_and_the_newest_token(self, cast, signed_in):
        answer = signed_in(cast.manager).get("/session/status/", headers={"accept": "application/json"}).json()
        assert 890 < answer["idle_left"] <= 900
        assert 12 * 3600 - 10 < answer["absolute_left"] <= 12 * 3600
        assert len(answer["csrf"]) == 64

    def test_asking_it_does_not_keep_the_session_open(self, cast, signed_in):
        browser = signed_in(cast.manager)
        KeySession.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
        browser.get("/session/status/", headers={"accept": "application/json"})
        assert KeySession.objects.get().seen_at < timezone.now() - timedelta(minutes=9)

    def test_one_key_keeps_it_open(self, cast, signed_in):
        browser = signed_in(cast.manager)
        KeySession.objects.update(seen_at=timezone.now() - timedelta(minutes=14))
        assert browser.post("/session/stay/").status_code == 204
        assert KeySession.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


class TestNoCacheKeeps:
    def test_a_single_page(self, cast, signed_in, client):
        for path in ("/sign-in/", "/signed-out/", "/help/", "/nowhere/", "/welcome/nothing/"):
            assert client.get(path)["Cache-Control"] == "no-store", path
        manager = signed_in(cast.manager)
        for path in ("/people/", "/clients/", "/account/", "/session/status/"):
            assert manager.get(path)["Cache-Control"] == "no-store", path


class TestHelp:
    def test_names_people_to_call_without_signing_in(self, cast, client):
        page = client.get("/help/").content.decode()
        for way, words in (("tel:911", "Call 911"), ("tel:988", "Call 988"), ("sms:988", "Text 988")):
            assert f'href="{way}">{words}</a>' in page

    def test_says_who_answers_and_that_nobody_is_told(self, cast, client):
        before = Entry.objects.count()
        words = text_of(client.get("/help/"))
        assert "988 is the Suicide &amp; Crisis Lifeline" in words
        assert "does not alert anybody at the practice, and writes nothing into the log" in words
        assert Entry.objects.count() == before

    def test_knows_nothing_of_another_line(self, cast, client):
        Practice.objects.update(crisis_line="116 123, day and night")
        words = text_of(client.get("/help/"))
        assert "988" not in words
        assert "Ask who answers" in words

    @pytest.mark.parametrize(
        ("before", "back"),
        [
            ("http://testserver/welcome/abc/", "/welcome/abc/"),
            ("http://elsewhere.example/forms/", ""),
            ("http://testserver/help/", ""),
            ("", ""),
        ],
    )
    def test_leads_back_to_where_one_was(self, cast, client, before, back):
        answer = client.get("/help/", HTTP_REFERER=before)
        assert answer.context["back"] == back
        assert ("Back to where you were" in text_of(answer)) == bool(back)
