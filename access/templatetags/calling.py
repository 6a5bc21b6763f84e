"""Numbers that can be touched: on a phone nobody should have to type the one they need now."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# Three digits and more, with the signs that people write between them; a comma ends a number.
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){2,}")


@register.filter
def call_links(text: str) -> SafeString:
    """Turn each telephone number in a line of text into a link that calls it (RFC 3966)."""
    pieces, end = [], 0
    for found in _NUMBER.finditer(text):
        digits = re.sub(r"[^+\d]", "", found[0])
        pieces += [
            conditional_escape(text[end : found.start()]),
            format_html('<a href="tel:{}">{}</a>', digits, found[0]),
        ]
        end = found.end()
    return mark_safe("".join([*pieces, conditional_escape(text[end:])]))  # noqa: S308 (each piece was escaped)
