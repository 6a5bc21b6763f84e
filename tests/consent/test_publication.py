import hashlib
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from consent.document import VARIABLES, TextRefused
from consent.limits import Limit
from consent.publication import hash_text, render, shows_what_is_hashed
from tests.consent import shipped

pytestmark = pytest.mark.once

VALUES = shipped.CATALOGUE.choose().values


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def words(html: str) -> str:
    """Return what a reader sees of a piece of HTML."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.seen).split())


class TestRender:
    def test_hashes_the_utf8_bytes_of_the_text(self):
        published = shipped.confidentiality()
        assert published.sha256 == hashlib.sha256(published.text.encode("utf-8")).hexdigest()
        assert unicodedata.is_normalized("NFC", published.text)
        assert "\r" not in published.text

    def test_gives_one_text_for_one_choice_and_another_for_another(self):
        assert shipped.confidentiality() == shipped.confidentiality()
        assert shipped.confidentiality().sha256 != shipped.confidentiality(supervision="trainee").sha256

    def test_fills_in_every_variable(self):
        published = shipped.confidentiality()
        assert "{{" not in f"{published.text}{published.screens}{published.questions}"
        assert all(value in published.text for value in VALUES.values())

    def test_shows_on_its_screens_the_words_that_are_hashed(self):
        published = shipped.confidentiality()
        screens = [
            f"<h2>{s.number}. {s.title}</h2>{s.html}{published.for_you_label} {s.for_you_html}"
            for s in published.screens
        ]
        shown = words(f"<h1>{published.title}</h1>{published.intro_html}{''.join(screens)}")
        assert shown == words(MarkdownIt("commonmark").render(published.text))

    def test_shows_no_markup_but_paragraphs_lists_and_strong_words(self):
        published = shipped.confidentiality()
        html = "".join(screen.html + screen.for_you_html for screen in published.screens)
        assert set(re.findall(r"</?(\w+)", html)) <= {"p", "ul", "li", "strong"}

    def test_asks_one_question_about_each_limit(self):
        published = shipped.confidentiality()
        assert list(published.questions) == list(Limit)

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            ("", "is empty"),
            (" \N{NO-BREAK SPACE}", "is empty"),
            ("911\n# Free", "is not one line"),
            ("{{jurisdiction_name}}", "is not one line"),
            ("9\u202e11", "is not one line"),
            ("<b>911</b>", "raw HTML is not allowed"),
            ("[911](https://example.org)", "a link is not allowed"),
            ("# 911", "a heading is not allowed"),
        ],
    )
    def test_refuses_a_value_that_is_not_plain_words(self, value, problem):
        with pytest.raises(TextRefused, match="emergency_number") as refused:
            render(shipped.document("confidentiality"), {**VALUES, "emergency_number": value})
        assert problem in str(refused.value)

    def test_refuses_values_that_are_markup_only_together(self):
        halves = {"adult_report_statement": "See [this", "past_abuse_statement": "page](https://example.org)."}
        with pytest.raises(TextRefused, match=r"If a child or vulnerable adult.*a link is not allowed"):
            render(shipped.document("confidentiality"), {**VALUES, **halves})

    def test_refuses_a_missing_value(self):
        values = {name: value for name, value in VALUES.items() if name != "duty_to_protect"}
        with pytest.raises(TextRefused, match="“duty_to_protect” has no value"):
            render(shipped.document("confidentiality"), values)

    def test_refuses_a_value_that_the_text_does_not_use(self):
        with pytest.raises(TextRefused, match="no variable “therapist_name”"):
            render(shipped.document("confidentiality"), {**VALUES, "therapist_name": "Somebody"})


class TestNames:
    def test_no_variable_can_carry_the_name_of_a_person(self):
        assert not {name for name in VARIABLES if "therapist" in name or "supervisor" in name or "client" in name}


class TestShowsWhatIsHashed:
    @pytest.mark.parametrize("kind", ["confidentiality", "screen_forms"])
    def test_holds_for_what_was_just_rendered(self, kind):
        document, values = shipped.document(kind), VALUES if kind == "confidentiality" else {}
        assert shows_what_is_hashed(render(document, values))

    @pytest.mark.parametrize(
        "change",
        [
            {"text": "# Other\n"},
            {"sha256": "ab" * 32},
            {"title": "Nothing stays private"},
            {"intro_html": "<p>We tell everybody.</p>"},
            {"for_you_label": "What this means for us:"},
            {"screens": ()},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_fails_where_one_part_was_altered(self, change):
        assert not shows_what_is_hashed(replace(shipped.confidentiality(), **change))

    @pytest.mark.parametrize(
        "change", [{"html": "<p>We tell everybody.</p>"}, {"for_you_html": ""}, {"title": "Free"}, {"number": 9}]
    )
    def test_fails_where_one_screen_was_altered(self, change):
        published = shipped.confidentiality()
        screens = (replace(published.screens[0], **change), *published.screens[1:])
        assert not shows_what_is_hashed(replace(published, screens=screens))

    def test_fails_where_a_limit_was_left_out_of_the_text_and_its_hash(self):
        published = shipped.confidentiality()
        text = published.text[: published.text.index("\n\n## 10.")] + "\n"
        assert not shows_what_is_hashed(replace(published, text=text, sha256=hash_text(text)))

    def test_fails_on_a_text_that_never_could_be_published(self):
        text = shipped.confidentiality().text.replace("We may call", "<script>We may call")
        assert not shows_what_is_hashed(replace(shipped.confidentiality(), text=text, sha256=hash_text(text)))
