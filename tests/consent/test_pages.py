"""The client's way through the pages, with scripts off."""

import re
from html import unescape

from django.test import Client as Browser

from consent.models import Record, Version
from tests.cast import Cast
from tests.conftest import SignIn

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def fields(response) -> dict[str, str]:
    """Read the hidden fields of the first form that has a number of its own."""
    forms = [form for form in response.content.decode().split("<form")[1:] if 'name="nonce"' in form]
    return {name: unescape(value) for name, value in HIDDEN.findall(forms[0]) if name != "csrfmiddlewaretoken"}


def right_answer(number: int) -> str:
    version = Version.objects.get(kind="confidentiality_consent")
    return version.questions[version.screens[number - 1]["code"]]["right"]


def agree_to_screen_forms(browser: Browser) -> None:
    page = browser.get("/forms/")
    assert page.status_code == 200
    answer = browser.post("/forms/", {**fields(page), "agreed": "on"})
    assert answer.url == "/forms/1/"


def answer_all(browser: Browser) -> None:
    for number in range(1, 11):
        page = browser.get(f"/forms/{number}/")
        answer = browser.post(f"/forms/{number}/", {**fields(page), "answer": right_answer(number)})
        assert answer.status_code == 302


def test_whole_way(cast: Cast, signed_in: SignIn):
    browser = signed_in(cast.robin.person)
    agree_to_screen_forms(browser)
    answer_all(browser)
    assert b"Check your answers" in browser.get("/forms/check/").content
    page = browser.get("/forms/sign/")
    signed = browser.post(
        "/forms/sign/", {**fields(page), "name": "Robin Marlowe", "passphrase": cast.robin.person.passphrase}
    )
    assert signed.url == "/forms/receipt/"
    receipt = browser.get(signed.url).content.decode()
    assert Record.objects.get().reference in receipt
    file = browser.get("/forms/receipt/file/")
    therapist = signed_in(cast.dana)
    page = therapist.get(f"/clients/{cast.robin.client_id}/consent/")
    assert b"Both signatures hold" in page.content
    manager = signed_in(cast.manager)
    assert manager.get(f"/clients/{cast.robin.client_id}/consent/").status_code == 403
    assert manager.get("/emergency-reasons/").status_code == 200
