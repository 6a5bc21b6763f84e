"""A database or a log that cannot be written: plain words, nothing opened, and what was typed comes back whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser

from tests.consent.pages import Reader

TYPED = "Why does “private” have limits?\nשלום 🌿 <b>not bold</b>"


@contextmanager
def failing(*beginnings: str) -> Iterator[None]:
    """Fail every statement that begins so, as a full disk or a server that is gone would."""

    def refuse(execute, sql, params, many, context):
        if sql.lstrip().startswith(beginnings):
            raise OperationalError("database or disk is full: /srv/secret/place")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


FULL_DISK = ("INSERT", "UPDATE", "DELETE")
STOPPED_LOG = ("INSERT INTO audit_",)
GONE = ("",)


@pytest.fixture
def robin(cast, signed_in) -> Reader:
    browser: Browser = signed_in(cast.robin.person)
    browser.raise_request_exception = False
    return Reader(cast.robin, browser)


def ask(robin: Reader, *, token: str = "stale", **headers: str):
    question = {"text": TYPED, "nonce": str(uuid4()), "csrfmiddlewaretoken": token, "passphrase": "never shown"}
    return robin.post("1/ask/", question, headers=headers)


class TestAFormThatCouldNotBeTaken:
    @pytest.mark.parametrize("statements", [FULL_DISK, STOPPED_LOG])
    def test_comes_back_whole(self, robin, statements):
        with failing(*statements):
            answer = ask(robin)
        page = answer.content.decode()
        assert answer.status_code == 503
        assert "What you sent is all here" in page
        assert "שלום 🌿 &lt;b&gt;not bold&lt;/b&gt;" in page
        assert "Try again" in page

    def test_shows_neither_passphrase_nor_what_the_server_said(self, robin):
        with failing(*FULL_DISK):
            page = ask(robin).content.decode()
        assert "never shown" not in page
        assert "stale" not in page
        assert "/srv/secret" not in page

    def test_names_the_log_where_it_was_the_log(self, robin):
        # The note of activity is no entry of the log, so only the look itself fails.
        with failing(*STOPPED_LOG):
            assert "Every access is written down first." in ask(robin).content.decode()

    def test_is_not_kept_by_the_page_for_signing_in(self, db, client):
        client.raise_request_exception = False
        with failing(*FULL_DISK):
            answer = client.post("/sign-in/", {"address": "robin@post.example", "passphrase": "x", "code": "123456"})
        assert answer.status_code == 503
        assert b"Try again" not in answer.content
        assert b"123456" not in answer.content

    @pytest.mark.parametrize("statements", [FULL_DISK, GONE])
    def test_comes_back_from_a_page_of_ours_alone(self, robin, statements):
        robin.browser.handler.enforce_csrf_checks = True
        robin.browser.cookies["csrf"] = token = "x" * 32
        with failing(*statements):
            ours, another_sites = ask(robin, token=token), ask(robin)
        assert "not bold" in ours.content.decode()
        assert "not bold" not in another_sites.content.decode()

    def test_answers_a_script_in_its_own_language(self, robin):
        with failing(*FULL_DISK):
            answer = ask(robin, Accept="application/json")
        assert answer.status_code == 503
        assert "cannot write" in answer.json()["error"]


class TestAPage:
    def test_opens_nothing_while_looks_cannot_be_recorded(self, cast, signed_in):
        dana = signed_in(cast.dana)
        dana.raise_request_exception = False
        with failing(*STOPPED_LOG):
            answer = dana.get(f"/clients/{cast.robin.client_id}/")
        assert answer.status_code == 503
        assert b"Every look at a record is written down first." in answer.content
        assert b"Robin" not in answer.content

    def test_says_so_when_the_whole_database_is_gone(self, robin):
        with failing(*GONE):
            answer = robin.get("/my/")
        assert answer.status_code == 503
        assert b"We cannot do that right now" in answer.content
