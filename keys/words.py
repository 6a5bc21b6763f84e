"""Words that people read to each other: fingerprints and proposed passphrases."""

import secrets
from functools import cache
from importlib.resources import files

FINGERPRINT_WORDS = 6
PASSPHRASE_WORDS = 6


@cache
def _words() -> tuple[str, ...]:
    # The EFF long list: 7,776 words chosen to be heard and spelled without doubt (12.9 bits each).
    text = files("xkcdpass").joinpath("static", "eff-long").read_text(encoding="utf-8")
    return tuple(text.split())


@cache
def kind_words() -> tuple[str, ...]:
    """Return the words that may be drawn for somebody: the long list without the unkind ones, in its order."""
    lines = files("keys").joinpath("unkind.txt").read_text(encoding="utf-8").splitlines()
    unkind = frozenset(line for line in lines if not line.startswith("#"))
    return tuple(word for word in _words() if word not in unkind)


def fingerprint_words(digest: bytes) -> str:
    """Turn a 32-byte hash into six words (77 bits) that two people can compare by voice.

    All 7,776 words take part: the hash chooses them, and the format is fixed (docs/keys.md).
    """
    number, words = int.from_bytes(digest, "big"), _words()
    chosen = []
    for _ in range(FINGERPRINT_WORDS):
        number, index = divmod(number, len(words))
        chosen.append(words[index])
    return " ".join(chosen)


def propose_passphrase() -> str:
    """Draw six random kind words (73 bits)."""
    return " ".join(secrets.choice(kind_words()) for _ in range(PASSPHRASE_WORDS))


def is_proposal(text: str) -> bool:
    """Say whether this could have been drawn: a page hands back what it showed, and a browser may send anything."""
    words = text.split(" ")
    return len(words) == PASSPHRASE_WORDS and set(words) <= set(kind_words())
