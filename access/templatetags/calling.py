"""Numbers that can be touched: on a phone nobody should have to type the one they need now."""

import re

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# Three digits and more, with the signs that people write between them; a comma ends a number.
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){2,}")


@register.filter
def call_links(text: str) -> SafeString:
    """Turn each telephone number in a line of text into a link that calls it (RFC 3966)."""
    pieces, end = [], 0
    for found in _NUMBER.finditer(text):
        pieces += [
            conditional_escape(text[end : found.start()]),
            format_html('<a href="tel:{}">{}</a>', _digits(found[0]), found[0]),
        ]
        end = found.end()
    return mark_safe("".join([*pieces, conditional_escape(text[end:])]))  # noqa: S308 (each piece was escaped)


@register.filter
def call_buttons(text: str) -> SafeString:
    """Make a button for each number in a line of text: to call it, or to text it (RFC 5724) where the line says so."""
    words = text.lower()
    may_text = "text" in words
    may_call = "call" in words or not may_text
    ways = [("tel", "Call")] * may_call + [("sms", "Text")] * may_text
    rows = [(scheme, _digits(found), verb, found) for found in _NUMBER.findall(text) for scheme, verb in ways]
    return format_html_join("\n", '<p><a class="btn primary wide call" href="{}:{}">{} {}</a></p>', rows)


def _digits(number: str) -> str:
    return re.sub(r"[^+\d]", "", number)
