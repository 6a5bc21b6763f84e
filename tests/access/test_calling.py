"""Numbers that can be touched, in whatever line a practice types."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.templatetags.calling import call_buttons, call_links

pytestmark = pytest.mark.once

HREF = re.compile(r'<a href="tel:([^"]*)">([^<]*)</a>')


@pytest.mark.parametrize(
    ("line", "called"),
    [
        ("988, day and night (call or text)", ["988"]),
        ("116 123, 24 hours", ["116123"]),
        ("911", ["911"]),
        ("999 or 112", ["999", "112"]),
        ("+49 (30) 555-0100", ["+49305550100"]),
        ("555.0137", ["5550137"]),
        ("Text HOME to 741741", ["741741"]),
        ("24/7 at the front desk", []),
        ("Ask your therapist", []),
        ("", []),
    ],
)
def test_each_number_calls(line: str, called: list[str]):
    assert [number for number, _ in HREF.findall(call_links(line))] == called


@pytest.mark.parametrize(
    ("line", "ways"),
    [
        ("988, day and night (call or text)", ["tel:988", "sms:988"]),
        ("Text HOME to 741741", ["sms:741741"]),
        ("116 123, 24 hours", ["tel:116123"]),
        ("Ask your therapist", []),
    ],
)
def test_each_number_has_a_button_for_what_it_takes(line: str, ways: list[str]):
    assert re.findall(r'class="btn primary wide call" href="([^"]*)"', call_buttons(line)) == ways


def test_a_button_is_never_markup():
    assert "<b" not in call_buttons("<b>988</b>")


def test_what_is_typed_is_never_markup():
    assert call_links('<b onclick="x">988</b>').startswith("&lt;b onclick=&quot;x&quot;&gt;<a")


@given(st.text(alphabet="0123456789 +-.(),<>&\"'ab", max_size=60))
def test_reads_as_it_was_typed(line: str):
    linked = call_links(line)
    assert unescape(HREF.sub(r"\2", linked)) == line
    assert all(re.fullmatch(r"\+?\d{3,}", number) for number, _ in HREF.findall(linked))
