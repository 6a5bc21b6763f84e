"""A page that fails tells its operator where, and nobody what was typed."""

import io
import logging
import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import include, path, reverse

from practice.policy import POLICY, PUBLIC
from practice.reporting import StrangeHosts
from practice.urls import urlpatterns as real_addresses

CANARY = "she-said-it-in-confidence"


def fail(request):
    body = request.POST["body"]
    raise RuntimeError(f"could not handle {body}") from ValueError(body)


def lose_the_database(request, token):
    raise KeyError(request.COOKIES["kept"], request.META["HTTP_X_TYPED"], request.GET["q"])


addresses = ([path("fail/", fail, name="fail"), path("lose/<str:token>/", lose_the_database, name="lose")], "probe")
urlpatterns = [path("", include(addresses)), *real_addresses]
handler500 = "practice.errors.broken"


@pytest.fixture
def browser(db, settings, monkeypatch):
    settings.ROOT_URLCONF = __name__
    settings.ADMINS = [("operator", "operator@practice.example")]
    for name in ("probe:fail", "probe:lose"):
        monkeypatch.setitem(POLICY, name, PUBLIC)
    browser = Browser(raise_request_exception=False)
    browser.cookies["kept"] = CANARY
    return browser


@pytest.fixture
def log(monkeypatch):
    """What the console's handler writes, as the settings made it."""
    [console] = [handler for handler in logging.getLogger("django").handlers if handler.name == "console"]
    written = io.StringIO()
    monkeypatch.setattr(console, "stream", written)
    return written


class TestAFailingPage:
    def test_leaves_nothing_typed_in_mail_log_or_page(self, browser, log, capfd):
        answers = [
            browser.post("/fail/", {"body": CANARY}),
            browser.get(f"/lose/{CANARY}/?q={CANARY}", headers={"X-Typed": CANARY}),
            browser.get(f"/{CANARY}/"),
        ]
        assert [answer.status_code for answer in answers] == [500, 500, 404]
        assert len(mail.outbox) == 2
        letters = [part for letter in mail.outbox for part in (letter.body, str(letter.alternatives))]
        everything = [*letters, log.getvalue(), *capfd.readouterr(), *(answer.content.decode() for answer in answers)]
        assert not [text for text in everything if CANARY in text]

    def test_tells_the_operator_where(self, browser, log):
        browser.post("/fail/", {"body": CANARY})
        [letter] = mail.outbox
        assert "RuntimeError in probe:fail" in letter.body
        assert f"{__file__}" in letter.body
        assert letter.subject.endswith("Internal Server Error: probe:fail")
        assert "ERROR django.request Internal Server Error: probe:fail\nRuntimeError\n" in log.getvalue()

    def test_answers_with_a_page_in_plain_words_even_with_debug_on(self, browser, settings):
        settings.DEBUG = True
        answer = browser.post("/fail/", {"body": CANARY})
        assert answer.status_code == 500
        assert CANARY not in answer.content.decode()

    def test_is_not_mailed_for_a_page_that_is_not_there(self, browser, log):
        browser.get("/nowhere/")
        assert not mail.outbox
        assert "Not Found: no page of ours" in log.getvalue()


class TestWhatAnyVisitorCanCause:
    @pytest.fixture(autouse=True)
    def counted_from_one(self, monkeypatch):
        """The counter is the process's own; other tests may have asked for other hosts."""
        monkeypatch.setattr(logging.getLogger("django.security.DisallowedHost"), "filters", [StrangeHosts()])

    def test_is_no_mail_however_often_another_host_is_asked_for(self, browser, log):
        answers = {browser.get("/", headers={"host": f"{CANARY}.example"}).status_code for _ in range(9)}
        assert answers == {400}
        assert not mail.outbox
        numbers = re.findall(r"(\d+) requests so far for a host that is not in ALLOWED_HOSTS", log.getvalue())
        assert numbers == ["1", "2", "4", "8"]
        assert CANARY not in log.getvalue()

    def test_is_no_mail_when_files_are_sent(self, browser, log):
        answer = browser.post(reverse("access:sign_in"), {"file": SimpleUploadedFile("x.txt", b"x")})
        assert answer.status_code == 400
        assert not mail.outbox
        assert "django.security" in log.getvalue()
