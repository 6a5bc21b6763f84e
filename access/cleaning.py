"""Cleaning what was typed or pasted: nothing stays that nobody sees, and everything that somebody meant."""

import re
import unicodedata

# What ends a line in one program or another: CR, vertical tab and form feed (a word processor's line and page breaks),
# NEL, and the two separators of Unicode.
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Spaces that look like one: no-break, figure, narrow, and the printer's em, en and thin ones. U+3000 stays: it is as
# wide as a letter on purpose.
_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# Soft hyphens, zero-width spaces, word joiners, byte order marks, and controls but NUL, tab and line feed. What joins
# letters and emoji (U+200C, U+200D) and what turns the line (U+200E, U+202A to U+202E, U+2066 to U+2069) stays: words
# are spelt with it. NUL stays too, because the form says where it stands.
_UNSEEN = re.compile(r"[\x01-\x08\x0e-\x1d\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")
# A word processor's own non-breaking hyphen, and Unicode's.
_HYPHENS = re.compile(r"[\x1e\u2011]")
# The bullets of symbol fonts, which no other font shows, and the usual ones with the tab that only a list puts there.
_BULLETS = re.compile(r"^([ \t]*)(?:[\uf000-\uf0ff][ \t]*|[•·▪◦‣○●■§o]\t[ \t]*)", re.MULTILINE)


def clean_text(text: str) -> str:
    """Bring a text into one form: composed (NFC), line feeds, plain spaces, list marks as “- ”, nothing unseen.

    Cleaning twice changes nothing more. No line is lost, and no letter, sign or emoji of any script.
    """
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))
    text = _HYPHENS.sub("-", _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", _BULLETS.sub(r"\1- ", text))
