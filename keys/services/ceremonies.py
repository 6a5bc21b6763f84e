"""What a ceremony in a browser keeps between its pages: half of it in a row, and the key in that browser alone."""

import os
from uuid import UUID

from keys.context import Blob, encode
from keys.sealing import seal, unseal


def fresh_ceremony_key() -> bytes:
    """Draw the 32 bytes that only the ceremony's own browser holds."""
    return os.urandom(32)


def seal_for_ceremony(text: bytes, *, browser_key: bytes, ceremony: UUID) -> bytes:
    """Seal what was typed and drawn so far, as a session's keys are sealed, bound to this one ceremony."""
    return seal(browser_key, text, context=encode("set-up/v1", ceremony))


def open_for_ceremony(blob: Blob, *, browser_key: bytes, ceremony: UUID) -> bytes:
    """Open what a ceremony has come to, with the browser's half.

    :raises SealBroken: another browser, or another ceremony
    """
    return unseal(browser_key, bytes(blob), context=encode("set-up/v1", ceremony))
