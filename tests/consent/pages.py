"""A client's way through the pages, form by form."""

import re
from html import unescape
from typing import Any

from django.test import Client as Browser

from consent.models import Version
from tests.cast import Cast

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def fields(page, form: int = 0) -> dict[str, str]:
    """Read the hidden fields of one form, counting those that have a number of their own."""
    forms = [text for text in page.content.decode().split("<form")[1:] if 'name="nonce"' in text]
    found = HIDDEN.findall(forms[form].split("</form>")[0])
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def question(number: int) -> Any:
    version = Version.objects.get(kind="confidentiality_consent")
    return version.questions[version.screens[number - 1]["code"]]


def agree(browser: Browser) -> None:
    answer = browser.post("/forms/", {**fields(browser.get("/forms/")), "agreed": "on"})
    assert answer["Location"] == "/forms/1/"


def answer(browser: Browser, number: int) -> None:
    address = f"/forms/{number}/"
    kept = browser.post(address, {**fields(browser.get(address)), "answer": question(number)["right"]})
    assert kept.status_code == 302


def answer_all(browser: Browser) -> None:
    for number in range(1, 11):
        answer(browser, number)


def sign(browser: Browser, cast: Cast, **changes: str):
    typed = {"name": cast.robin.name, "passphrase": cast.robin.person.passphrase}
    return browser.post("/forms/sign/", {**fields(browser.get("/forms/sign/")), **typed, **changes})
