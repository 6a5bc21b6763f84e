"""The page that searches: streamed, with the words in no address, session or log, and nothing of a text as markup."""

import logging
import re
from html import escape

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.acts import Act
from notes.kinds import NoteKind
from notes.services.drafting import save_draft
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, done
from tests.notes.pages.browsing import text_of

WORD = "wormwoodcanary"


def search(browser, words, **narrowed):
    """Send the form; the whole answer comes back as text."""
    answer = browser.post("/search/", {"words": words, **narrowed})
    assert answer.status_code == 200
    return answer.getvalue().decode()


def shown(page):
    """What stands between the tags of a page."""
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


class TestSearching:
    def test_begins_with_an_empty_form_that_says_what_it_does(self, dana, desk):
        page = text_of(dana.get("/search/"))
        assert "Search your notes" in page
        assert "Your words are kept nowhere." in page
        assert "after 200 texts found, or after 20 seconds" in page

    def test_streams_notes_with_their_passages(self, dana, desk):
        note, draft = desk.sign(), desk.write(NoteKind.CALL)
        answer = dana.post("/search/", {"words": "zaunkonig"})
        assert answer.streaming
        assert answer["Cache-Control"] == "no-store"
        chunks = [chunk.decode() for chunk in answer]
        assert "Searching 1 record…" in chunks[-1]
        assert f'href="/notes/{note.pk}/" target="_blank" rel="noopener"' in chunks[1]
        assert f'href="/drafts/{draft.pk}/"' in chunks[1]
        assert "<mark>Zaunkönig</mark>" in chunks[1]
        assert "Found in 2 of 2 texts." in shown(chunks[-1])

    def test_keeps_what_was_typed_in_its_fields(self, dana, desk):
        page = search(dana, '"x" & <y>', client="Robin", kind="call", since="2026-01-01")
        assert f'value="{escape(chr(34) + "x" + chr(34) + " & <y>")}"' in page
        assert 'value="Robin"' in page
        assert 'value="call" selected' in page
        assert 'value="2026-01-01"' in page

    def test_says_where_nothing_was_found(self, dana, desk):
        assert "Nothing was found." in search(dana, "unicorn")

    def test_takes_a_code_from_a_clients_own_page_and_no_words(self, dana, desk):
        desk.sign()
        address = f"/search/?client={desk.client.code}"
        assert f'href="{address}"' in text_of(dana.get(f"/clients/{desk.client.pk}/notes/"))
        assert f'value="{desk.client.code}"' in text_of(dana.get(address))
        page = text_of(dana.get(f"/search/?client={WORD}&words={WORD}"))
        assert WORD not in page

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"words": ""}, "Please type what to search for."),
            ({"words": '""'}, "There is no word in this."),
            ({"words": "a b c d e f g h i j k"}, "A search takes up to 10 words, and these are 11."),
            ({"words": "a", "client": "Noor"}, "Nobody in your care has this name or code."),
            ({"words": "a", "since": "2026-02-02", "until": "2026-02-01"}, "This day is before the first one."),
            ({"words": "a", "until": "9999-12-31"}, "Please give a day before 9998-12-31."),
            ({"words": "a", "since": "0001-01-01"}, "Please give a day after 1970-01-01."),
        ],
    )
    def test_says_in_plain_words_what_it_cannot_do(self, dana, desk, sams_desk, sent, words):
        assert words in text_of(dana.post("/search/", sent))


class TestMarkup:
    def test_of_a_text_stays_text(self, dana, desk):
        evil = "<img src=x onerror=alert(1)> zaunkonig </mark><script>alert(2)</script> <!-- found -->"
        draft = desk.begin(NoteKind.CALL)
        save_draft(by=desk.by, draft=draft, revision=0, fields={"text": evil}, at=timezone.now())
        page = search(dana, "zaunkonig img")
        assert "&lt;<mark>img</mark> src=x onerror=alert(1)&gt;" in page
        assert "<script>alert" not in page
        assert "<img" not in page

    def test_of_the_words_parts_no_page(self, dana, desk):
        page = search(dana, "<!-- found -->")
        assert page.count("</html>") == 1
        assert "&lt;!-- found --&gt;" in page


class TestTheWords:
    def test_are_kept_nowhere(self, dana, desk, log, caplog):
        desk.sign()
        heard = log()
        with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as asked:
            answer = dana.post("/search/", {"words": WORD})
            answer.getvalue()
        assert heard.acts == [done(Act.NOTE_SEARCHED)]
        assert not any(WORD.encode() in body for body in heard.bodies)
        assert not any(WORD in str(row.get_decoded()) for row in Session.objects.all())
        assert not any(WORD in str(cookie) for cookie in dana.cookies.values())
        assert WORD not in caplog.text
        assert not any(WORD in statement["sql"] for statement in asked)
        assert answer.headers.get("Location") is None

    def test_are_not_in_what_a_failing_search_leaves_behind(self, dana, desk, monkeypatch, caplog):
        desk.sign()

        def fail(_query, folded):
            raise RuntimeError(f"{WORD} in {folded}")

        monkeypatch.setattr("notes.matching.Query.may_stand_in", fail)
        page = search(dana, WORD)
        assert "The search stopped here, because something failed" in page
        assert page.rstrip().endswith("</html>")
        assert caplog.messages == ["search: RuntimeError"]
        assert CANARY not in caplog.text

    def test_come_back_to_whoever_was_signed_out_meanwhile(self, desk):
        answer = Browser().post("/search/", {"words": WORD})
        assert answer.status_code == 423
        assert WORD in text_of(answer)
        assert not Session.objects.exists()


class TestWhoMay:
    @pytest.mark.parametrize("who", ["manager", "auditor", "client"])
    def test_nobody_but_therapists(self, cast, desk, signed_in, who):
        person = {"manager": cast.manager, "auditor": cast.auditor, "client": cast.robin.person}[who]
        browser = signed_in(person)
        assert [browser.get("/search/").status_code, browser.post("/search/", {"words": "a"}).status_code] == [403] * 2

    def test_another_therapist_gets_the_same_answer_whatever_is_there(self, cast, desk, signed_in):
        sam = signed_in(cast.sam)
        before = shown(search(sam, "zaunkonig"))
        desk.sign()
        desk.sign(NoteKind.PROCESS)
        assert shown(search(sam, "zaunkonig")) == before

    def test_a_stopped_log_opens_nothing(self, dana, desk):
        desk.sign()
        plant("audit_entry", swallow=True)
        answer = dana.post("/search/", {"words": "zaunkonig"})
        assert answer.status_code == 503
        assert CANARY not in text_of(answer)


class TestTheClient:
    def test_reads_that_their_notes_were_among_those_searched(self, cast, dana, desk, signed_in):
        desk.sign()
        for _ in range(2):
            search(dana, "zaunkonig")
        page = text_of(signed_in(cast.robin.person).get(f"/my/{desk.client.pk}/looks/"))
        assert "searched the notes of clients, yours among them, to look after you" in page
        assert "2 times on" in page
