"""What the tests of the pages do by hand."""

import re
from html import unescape
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

JSON = {"Accept": "application/json"}


def begin(browser: Browser, client, **changes: str) -> Any:
    """Ask for a new note; a session just now unless said otherwise."""
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    data = {"kind": "session", "session_at": moment, "minutes": "50", **changes}
    return browser.post(f"/clients/{client.pk}/notes/begin/", data)


def text_of(page: Any) -> str:
    return unescape(page.content.decode())


def same(one: Any, other: Any) -> bool:
    """Compare two answers, leaving out the token that each page draws anew."""

    def bare(page: Any) -> bytes:
        return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content)

    return (one.status_code, bare(one)) == (other.status_code, bare(other))
