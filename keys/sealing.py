"""Sealing texts under a vault's key, with bound context, key commitment and padding.

A blob is ``format (1 B) | suite (1 B) | generation (4 B, big-endian) | ciphertext``. The header is bound into the
context, so a reader who is lied to about it opens nothing.
"""

from dataclasses import dataclass

from keys.context import encode
from keys.errors import SealBroken
from keys.registry import BUCKET, FORMAT
from keys.suites import SUITES

_HEADER = 6


@dataclass(frozen=True)
class Header:
    suite: int
    generation: int

    def to_bytes(self) -> bytes:
        return bytes([FORMAT, self.suite]) + self.generation.to_bytes(4, "big")


def seal(key: bytes, text: bytes, *, context: bytes, generation: int = 0, suite: int | None = None) -> bytes:
    """Seal `text` under a 32-byte key, bound to `context`, padded to whole KiB.

    :param suite: the one that a vault's generation names; else the current one
    """
    suite = SUITES.current if suite is None else suite
    header = Header(suite, generation).to_bytes()
    return header + SUITES.find(suite).encrypt(key, _pad(text), encode("blob/v1", header, context))


def unseal(key: bytes, blob: bytes, *, context: bytes) -> bytes:
    """Open a blob that was sealed under this key, for this context.

    :raises SealBroken: altered, moved, truncated, under another key, or of an unknown or retired suite
    """
    header = read_header(blob)
    suite = SUITES.find(header.suite)
    return _unpad(suite.decrypt(key, blob[_HEADER:], encode("blob/v1", blob[:_HEADER], context)))


def read_header(blob: bytes) -> Header:
    """Read the suite and generation a blob claims.

    :raises SealBroken: too short, or a format or suite that we do not accept
    """
    if len(blob) < _HEADER or blob[0] != FORMAT or not SUITES.is_readable(blob[1]):
        raise SealBroken
    return Header(blob[1], int.from_bytes(blob[2:_HEADER], "big"))


def _pad(text: bytes) -> bytes:
    framed = len(text).to_bytes(4, "big") + text
    return framed + bytes(-len(framed) % BUCKET)


def _unpad(padded: bytes) -> bytes:
    size = int.from_bytes(padded[:4], "big")
    text, rest = padded[4 : 4 + size], padded[4 + size :]
    if not padded or len(padded) % BUCKET or len(text) != size or rest.count(0) != len(rest) or len(rest) >= BUCKET:
        raise SealBroken
    return text
