"""Codes that people print, keep and type: 160 random bits in base32, with a checksum that catches typing errors."""

import hashlib
import os
from base64 import b32decode, b32encode

from keys.errors import WrongPassphrase

_GROUP = 4
_BODY = 32  # base32 characters: 160 bits
_CHECK = 4  # base32 characters: one typing error in a million passes


def draw_code() -> str:
    """Draw a code of 36 characters in nine groups of four."""
    body = b32encode(os.urandom(20)).decode("ascii")
    whole = body + _checksum(body)
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def read_code(typed: str) -> bytes:
    """Return the 20 bytes of a code as typed: case, spaces and dashes do not matter.

    :raises WrongPassphrase: a typing error
    """
    # 0, 1 and 8 are not in the alphabet, so a hand-written O, I or B can only mean the letter.
    plain = "".join(typed.upper().translate(str.maketrans("018", "OIB")).replace("-", " ").split())
    body, check = plain[:-_CHECK], plain[-_CHECK:]
    if len(body) != _BODY or _checksum(body) != check:
        raise WrongPassphrase
    try:
        return b32decode(body)
    except ValueError as error:  # the checksum of a text that is no base32 can be computed by anybody
        raise WrongPassphrase from error


def is_whole_code(typed: str) -> bool:
    """Say whether this could be a printed code: all its characters, and a checksum that fits; whose is not asked."""
    try:
        read_code(typed)
    except WrongPassphrase:
        return False
    return True


def _checksum(body: str) -> str:
    return b32encode(hashlib.sha256(body.encode("utf-8")).digest()).decode("ascii")[:_CHECK]
