"""A therapist's way from an empty draft to the signed note, by the pages, with scripts off."""

import re
from html import unescape

from django.test import Client as Browser
from django.utils import timezone

from notes.models import Draft, Note
from tests.cast import Cast
from tests.conftest import SignIn
from tests.notes.conftest import FIELDS, Desk

JSON = {"headers": {"Accept": "application/json"}}


def begin(browser: Browser, desk: Desk, **changes: str):
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    data = {"kind": "session", "session_at": moment, "minutes": "50", **changes}
    return browser.post(f"/clients/{desk.client.pk}/notes/begin/", data)


class TestTheWholeWay:
    def test_from_an_empty_draft_to_the_signed_note(self, cast: Cast, desk: Desk, signed_in: SignIn):
        browser = signed_in(cast.dana)
        assert b"New note" in browser.get(f"/clients/{desk.client.pk}/notes/").content
        assert browser.get(f"/clients/{desk.client.pk}/notes/begin/").status_code == 200
        address = begin(browser, desk).url
        page = browser.get(address).content.decode()
        assert "Draft: only you are shown it" in page
        saved = browser.post(f"{address}save/", {**FIELDS, "revision": "0"}, **JSON)
        assert saved.json()["revision"] == 1
        assert FIELDS["brought"] in unescape(browser.get(address).content.decode())
        assert b"Notes to finish" in browser.get("/today/").content
        to_review = browser.post(address, {**FIELDS, "revision": "1"})
        assert to_review.url == f"{address}review/"
        review = browser.get(to_review.url).content.decode()
        revision = re.search(r'name="revision" value="(\d+)"', review)
        assert revision is not None and revision[1] == "2"
        signed = browser.post(f"{address}sign/", {"revision": "2"})
        note = Note.objects.get()
        assert signed.url == f"/notes/{note.pk}/"
        assert FIELDS["together"] in unescape(browser.get(signed.url).content.decode())
        assert not Draft.objects.exists()
