"""Texts without case and accents, so that a word is found however it was written.

Unicode's compatibility decomposition (NFKD, UAX 15) and full case folding, then without the marks of Latin, Greek,
Cyrillic, Hebrew and Arabic letters, and without signs that nobody sees. The marks of other scripts tell words apart
and stay. Each character is folded by itself, so that a place in the folded text leads back to one in the text.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_JOINER = "\u200d"
_SKIN = ("\U0001f3fb", "\U0001f3ff")
# What decomposes into nothing simpler, and yet is typed so: by word processors, phones and foreign keyboards.
_LIKE = {
    **dict.fromkeys("‘’‚‛ʼ′", "'"),
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‐‒–—―−", "-"),
    **dict(zip("øłđðħıæœþ", ("o", "l", "d", "d", "h", "i", "ae", "oe", "th"), strict=True)),
}
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # Latin, Greek, Cyrillic
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic
)
_UNSEEN = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LEFT_OUT = re.compile(f"[{_MARKS}{_UNSEEN}]+")
_OTHERWISE = re.compile(f"[{''.join(_LIKE)}]")


def fold(text: str) -> str:
    """Return a text in the form in which texts are compared."""
    if text.isascii():
        # Most are, and this costs a fiftieth.
        return text.lower()
    if len(text.encode("utf-8", "replace")) - len(text) < len(text) // 8:
        # A quotation mark here and an accent there cost a third of what the whole text would.
        return _NOT_ASCII.sub(_fold_sign, text).lower()
    return _fold_whole(text)


def places_of(text: str) -> Sequence[int]:
    """Say for each character of the folded text which one of the text it came from."""
    if text.isascii():
        return range(len(text))
    lengths = {character: len(fold(character)) for character in set(text)}
    if set(lengths.values()) == {1}:
        return range(len(text))
    return [place for place, character in enumerate(text) for _ in range(lengths[character])]


def goes_on(text: str, place: int) -> bool:
    """Say whether what stands at a place belongs to the sign before it: a mark, or the rest of a composed emoji."""
    if not 0 < place < len(text):
        return False
    character = text[place]
    return not fold(character) or _SKIN[0] <= character <= _SKIN[1] or text[place - 1] == _JOINER


@cache
def _fold_whole_sign(sign: str) -> str:
    return _fold_whole(sign)


def _fold_sign(found: re.Match[str]) -> str:
    return _fold_whole_sign(found[0])


def _fold_whole(text: str) -> str:
    plain = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text).casefold())
    return _OTHERWISE.sub(_replace, plain).lower()


def _replace(found: re.Match[str]) -> str:
    return _LIKE[found[0]]
