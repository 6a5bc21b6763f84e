"""A page that fails tells its operator where, and nobody what was typed."""

import io
import logging

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import include, path

from practice.policy import POLICY, PUBLIC
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
