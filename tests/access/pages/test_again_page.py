"""After a time-out nothing typed is lost, and nothing opens for another person."""

import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client as Browser

from access.models import KeySession
from audit.models import Entry
from clients.models import Client
from tests.access.pages.visitors import app_code, go_idle, grow_stale, leave_for_a_day, text_of, wrong_code
from tests.cast import PASSPHRASE

JSON = {"accept": "application/json"}
NAME = "Ines Moreau, <b>née</b> Roy"


def fields_of_the_page(answer):
    """Read back the form that came with the page, as a browser would send it."""
    return {"again-person": answer.context["person"], **{field.name: field.value for field in answer.context["kept"]}}


@pytest.fixture
def invitation(cast):
    """A filled-in form of a gated page."""
    address, therapist = "ines@post.example", str(cast.dana.user.pk)
    return {"form": str(uuid4()), "name": NAME, "address": address, "phone": "", "therapist": therapist}


class TestAPageAskedForAfterTheTimeOut:
    def test_asks_for_the_passphrase_alone_and_goes_on_there(self, cast, signed_in):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        answer = browser.get("/clients/?page=2")
        assert answer["Location"] == "/again/?next=%2Fclients%2F%3Fpage%3D2"
        asked = browser.get(answer["Location"])
        assert list(asked.context["form"].fields) == ["passphrase"]
        answer = browser.post("/again/", {"passphrase": PASSPHRASE, "next": "/clients/?page=2"})
        assert answer["Location"] == "/clients/?page=2"
        assert browser.get("/clients/").status_code == 200

    def test_asks_for_the_code_too_after_twelve_hours(self, cast, signed_in):
        browser = signed_in(cast.manager)
        leave_for_a_day(browser, cast.manager)
        assert browser.get("/clients/")["Location"].startswith("/sign-in/")
        assert list(browser.get("/again/").context["form"].fields) == ["passphrase", "code"]
        answer = browser.post("/again/", {"passphrase": PASSPHRASE, "code": wrong_code(cast.manager.user)})
        assert "That did not match." in text_of(answer)
        answer = browser.post("/again/", {"passphrase": PASSPHRASE, "code": app_code(cast.manager.user)})
        assert answer["Location"] == "/"
        assert browser.get("/clients/").status_code == 200

    def test_asks_for_everything_on_a_device_that_knows_nobody(self, cast, client):
        assert client.get("/clients/")["Location"] == "/sign-in/?next=%2Fclients%2F"
        assert list(client.get("/again/").context["form"].fields) == ["address", "passphrase", "code"]

    def test_stays_shut_for_a_wrong_passphrase(self, cast, signed_in):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        answer = browser.post("/again/", {"passphrase": "no such words"})
        assert answer.status_code == 423
        assert "That is not your passphrase." in text_of(answer)
        assert not KeySession.objects.exists()
        assert browser.get("/clients/").status_code == 302


class TestAScript:
    def test_is_told_what_is_needed(self, cast, signed_in):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        answer = browser.get("/session/status/", headers=JSON)
        assert answer.status_code == 423
        assert answer.json() == {"unlock_url": "/again/", "needs": ["passphrase"]}

    def test_gets_a_fresh_token_for_the_passphrase(self, cast, signed_in):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        answer = browser.post("/again/", {"passphrase": PASSPHRASE}, headers=JSON)
        assert answer.status_code == 200
        assert list(answer.json()) == ["csrf"]
        assert browser.get("/session/status/", headers=JSON).status_code == 200

    def test_gets_a_sentence_for_a_wrong_one(self, cast, signed_in):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        answer = browser.post("/again/", {"passphrase": "no such words"}, headers=JSON)
        assert answer.status_code == 423
        assert answer.json() == {"error": "That is not your passphrase. Please try again.", "needs": ["passphrase"]}

    def test_is_sent_to_a_second_tab_where_nobody_is_known(self, cast, client):
        answer = client.post("/again/", {"passphrase": PASSPHRASE}, headers=JSON)
        assert answer.status_code == 423
        assert "Sign in in a second tab" in answer.json()["error"]


class TestAFormThatComesTooLate:
    def test_comes_back_whole_in_its_own_fields_and_stores_nothing(self, cast, signed_in, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        people = Client.objects.count()
        answer = browser.post("/clients/invite/", invitation)
        assert answer.status_code == 423
        assert answer["Cache-Control"] == "no-store"
        page = answer.content.decode()
        assert "Ines Moreau, &lt;b&gt;née&lt;/b&gt; Roy</textarea>" in page
        assert "<b>née</b>" not in page
        assert 'name="address" value="ines@post.example"' in page
        assert Client.objects.count() == people

    def test_is_folded_so_that_nobody_reads_over_a_shoulder(self, cast, signed_in, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        folded = r'<details class="kept">\s*<summary>What you typed is kept. Show it</summary>.+</textarea>.+</details>'
        assert re.search(folded, browser.post("/clients/invite/", invitation).content.decode(), re.DOTALL)
        without_prose = browser.post("/clients/invite/", {**invitation, "name": "Ines"}).content.decode()
        assert '<details class="kept" hidden>' in without_prose

    def test_goes_where_it_was_going_once_the_person_is_back(self, cast, signed_in, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        kept = fields_of_the_page(browser.post("/clients/invite/", invitation))
        answer = browser.post("/clients/invite/", {**kept, "again-passphrase": PASSPHRASE})
        assert answer.status_code == 200
        assert "Invitation for Ines Moreau" in text_of(answer)

    def test_keeps_everything_over_a_wrong_passphrase(self, cast, signed_in, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        kept = fields_of_the_page(browser.post("/clients/invite/", invitation))
        answer = browser.post("/clients/invite/", {**kept, "again-passphrase": "no such words"})
        assert answer.status_code == 423
        assert fields_of_the_page(answer) == kept
        assert "no such words" not in answer.content.decode()

    def test_answers_at_its_own_address_when_the_form_is_wanting(self, cast, signed_in, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        kept = fields_of_the_page(browser.post("/clients/invite/", {**invitation, "address": "no address"}))
        answer = browser.post("/clients/invite/", {**kept, "again-passphrase": PASSPHRASE})
        assert answer.request["PATH_INFO"] == "/clients/invite/"
        assert "Please type a whole e-mail address" in text_of(answer)
        assert "again-" not in answer.content.decode()

    def test_works_on_a_device_whose_session_is_gone(self, cast, client, invitation):
        kept = fields_of_the_page(client.post("/clients/invite/", invitation))
        typed = {"again-address": cast.manager.address, "again-passphrase": PASSPHRASE}
        answer = client.post("/clients/invite/", {**kept, **typed, "again-code": app_code(cast.manager.user)})
        assert "Invitation for Ines Moreau" in text_of(answer)

    def test_is_not_sent_by_another_person_who_signs_in(self, cast, signed_in, client, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        kept = fields_of_the_page(browser.post("/clients/invite/", invitation))
        people, dana = Client.objects.count(), cast.dana
        typed = {"again-address": dana.address, "again-passphrase": dana.passphrase}
        KeySession.objects.all().delete()
        answer = client.post("/clients/invite/", {**kept, **typed, "again-code": app_code(dana.user)})
        assert answer.status_code == 403
        assert NAME not in answer.content.decode()
        assert Client.objects.count() == people
        assert not KeySession.objects.exists()
        assert settings.UNLOCK_COOKIE_NAME not in client.cookies

    def test_is_not_sent_by_whom_another_tab_signed_in(self, cast, signed_in, invitation):
        browser = signed_in(cast.dana)
        go_idle(cast.dana)
        people = Client.objects.count()
        kept = {**invitation, "again-person": str(cast.manager.user.pk)}
        answer = browser.post("/clients/invite/", {**kept, "again-passphrase": cast.dana.passphrase})
        assert answer.status_code == 403
        assert Client.objects.count() == people
        assert Entry.objects.filter(action="access:refused", outcome="denied").exists()

    def test_is_not_echoed_to_another_site(self, cast, invitation):
        strict = Browser(enforce_csrf_checks=True)
        answer = strict.post("/clients/invite/", invitation)
        assert answer.status_code == 403
        assert "Ines" not in answer.content.decode()
        assert "Your form was not sent" in text_of(answer)

    def test_never_shows_a_passphrase_again(self, cast, signed_in):
        browser = signed_in(cast.robin.person)
        go_idle(cast.robin.person)
        answer = browser.post("/my/invitation/", {"link": "a link", "passphrase": "six words of somebody"})
        assert "six words of somebody" not in answer.content.decode()

    def test_is_refused_when_it_is_larger_than_a_text_can_be(self, cast, signed_in, invitation):
        browser = signed_in(cast.manager)
        go_idle(cast.manager)
        answer = browser.post("/clients/invite/", {**invitation, "phone": "5" * 1_100_000})
        assert answer.status_code == 400
        assert "55555" not in answer.content.decode()


class TestAnActThatWantsThePassphraseFresh:
    def test_asks_before_the_page(self, cast, signed_in):
        browser = signed_in(cast.manager)
        grow_stale(cast.manager)
        answer = browser.get("/people/invite/")
        assert answer["Location"] == "/again/?next=%2Fpeople%2Finvite%2F"
        assert "once more before this step" in text_of(browser.get(answer["Location"]))
        browser.post("/again/", {"passphrase": PASSPHRASE, "next": "/people/invite/"})
        assert browser.get("/people/invite/").status_code == 200

    def test_keeps_a_form_that_became_stale_meanwhile(self, cast, signed_in):
        browser = signed_in(cast.manager)
        grow_stale(cast.manager)
        typed = {
            "name": "Tom Becker",
            "address": "tom@alder.example",
            "roles": ["therapist", "auditor"],
            "form": str(uuid4()),
        }
        answer = browser.post("/people/invite/", typed)
        assert answer.status_code == 423
        kept = {"again-person": answer.context["person"], **typed}
        assert [field.value for field in answer.context["kept"] if field.name == "roles"] == typed["roles"]
        answer = browser.post("/people/invite/", {**kept, "again-passphrase": PASSPHRASE})
        assert "Invitation for Tom Becker" in text_of(answer)
        assert Entry.objects.filter(action="auth:reauthenticated").exists()

    def test_does_nothing_for_a_wrong_passphrase(self, cast, signed_in):
        browser = signed_in(cast.manager)
        grow_stale(cast.manager)
        typed = {"name": "Tom Becker", "address": "tom@alder.example", "roles": ["therapist"]}
        invited = Entry.objects.filter(action="staff:invited").count()
        answer = browser.post("/people/invite/", {**typed, "again-passphrase": "no such words"})
        assert answer.status_code == 423
        assert Entry.objects.filter(action="staff:invited").count() == invited

    def test_is_still_refused_to_another_role(self, cast, signed_in):
        browser = signed_in(cast.dana)
        grow_stale(cast.dana)
        assert browser.get("/people/invite/").status_code == 403
