"""A client's way through the pages of one record, form by form."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

from django.test import Client as Browser

from consent.models import Version
from tests.cast import ClientPerson

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True)
class Reader:
    """A client at a browser. Addresses count from the form of their record: "check/", or "/my/" for another page."""

    client: ClientPerson
    browser: Browser

    def __deepcopy__(self, memo: dict[int, object]) -> "Reader":
        browser = Browser()
        browser.cookies.load(self.browser.cookies.output(header="", sep=";"))
        return Reader(self.client, browser)

    def at(self, step: str = "") -> str:
        """Return a whole address."""
        return urljoin(f"/forms/{self.client.client_id}/", step)

    @property
    def looks(self) -> str:
        """The address of who opened this record."""
        return f"/my/{self.client.client_id}/looks/"

    def get(self, step: str = "", **options: Any) -> Any:
        return self.browser.get(self.at(step), **options)

    def post(self, step: str, data: Any = None, **options: Any) -> Any:
        return self.browser.post(self.at(step), data, **options)

    def sign(self, **changes: str) -> Any:
        typed = {"name": self.client.name, "passphrase": self.client.person.passphrase}
        return self.post("sign/", {**fields(self.get("sign/")), **typed, **changes})


def fields(page: Any, form: int = 0) -> dict[str, str]:
    """Read the hidden fields of one form, counting those that have a number of their own."""
    forms = [text for text in page.content.decode().split("<form")[1:] if 'name="nonce"' in text]
    found = HIDDEN.findall(forms[form].split("</form>")[0])
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def question(number: int) -> Any:
    version = Version.objects.get(kind="confidentiality_consent")
    return version.questions[version.screens[number - 1]["code"]]


def agree(reader: Reader) -> None:
    answer = reader.post("", {**fields(reader.get()), "agreed": "on"})
    assert answer["Location"] == reader.at("1/")


def answer(reader: Reader, number: int) -> str:
    """Answer rightly, and return where that leads."""
    address = f"{number}/"
    kept = reader.post(address, {**fields(reader.get(address)), "answer": question(number)["right"]})
    assert kept.status_code == 302
    return str(kept["Location"])


def answer_all(reader: Reader) -> None:
    for number in range(1, 11):
        answer(reader, number)


def text_of(page: Any) -> str:
    """Return a page as it was sent, markup and all."""
    return str(page.content, "utf-8")
