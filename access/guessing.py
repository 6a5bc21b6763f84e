"""How soon a passphrase would be guessed by somebody who knows how people choose them."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from zxcvbn import zxcvbn

# What zxcvbn calls "safely unguessable" with a slow hash in between; each guess costs whoever tries 64 MiB (keys.kdf).
_ENOUGH_GUESSES = 10**10
# The estimate takes time that grows with the square of the length, so only the beginning is looked at.
_LOOKED_AT = 72
_WHY = {
    "repeat": "it repeats itself",
    "spatial": "it follows the keys of a keyboard",
    "sequence": "it counts up, or runs through the alphabet",
    "about": "it is made of a name or an address that others know of you",
}
_COMMON = "others use it too, or one very much like it"


def find_weakness(passphrase: str, *, about: Collection[str] = ()) -> str:
    """Say why a passphrase would soon be guessed, in half a sentence; nothing if it would not.

    The estimate is that of zxcvbn (Wheeler, USENIX Security 2016).

    :param about: names and addresses that somebody who knows the person would try first
    """
    known = [part for text in about for part in re.findall(r"\w{3,}", text.lower())]
    estimate = zxcvbn(passphrase[:_LOOKED_AT], user_inputs=known)
    if estimate["guesses"] >= _ENOUGH_GUESSES:
        return ""
    return next(filter(None, map(_why, estimate["sequence"])), _COMMON)


def _why(match: Mapping[str, Any]) -> str | None:
    kind = "about" if match.get("dictionary_name") == "user_inputs" else match["pattern"]
    return _WHY.get(kind)
