"""Sealing texts under a vault's key, with bound context, key commitment and padding.

A blob is ``format (1 B) | suite (1 B) | generation (4 B, big-endian) | ciphertext``. The header is bound into the
context, so a reader who is lied to about it opens nothing.
"""

from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from keys.context import encode
from keys.errors import SealBroken
from keys.registry import BUCKET, FORMAT
from keys.suites import SUITES

_HEAD = Struct(">BBI")
_HEADER = _HEAD.size
# Before the text: how long it is.
_FRAME = 4


class Header(NamedTuple):
    suite: int
    generation: int

    def to_bytes(self) -> bytes:
        return _HEAD.pack(FORMAT, self.suite, self.generation)


@dataclass(slots=True, repr=False)
class Sealing:
    """How one text is sealed: the head of its blob, a 32-byte key, and what it is bound to."""

    header: Header
    key: bytes
    context: bytes

    def seal(self, text: bytes) -> bytes:
        """Seal a text, padded to whole KiB."""
        return self.seal_padded(_pad(text))

    def unseal(self, blob: bytes) -> bytes:
        """Open a blob whose head was read.

        :raises SealBroken: altered, moved, truncated, or under another key
        """
        padded, size = self.open_padded(blob)
        return padded[_FRAME : _FRAME + size]

    def reseal(self, blob: bytes, *, old: "Sealing") -> bytes:
        """Open a blob as it was sealed before, and seal its text so. Padding has one form, so it goes on as it is.

        :raises SealBroken: as in :meth:`unseal`
        """
        return self.seal_padded(old.open_padded(blob)[0])

    def seal_padded(self, padded: bytes) -> bytes:
        """Seal what is padded already."""
        head = self.header.to_bytes()
        return head + SUITES.find(self.header.suite).encrypt(self.key, padded, encode("blob/v1", head, self.context))

    def open_padded(self, blob: bytes) -> tuple[bytes, int]:
        """Open a blob as far as its padding, and say how long the text in it is."""
        context = encode("blob/v1", blob[:_HEADER], self.context)
        padded = SUITES.find(self.header.suite).decrypt(self.key, blob[_HEADER:], context)
        return padded, _size_of_text(padded)


def seal(key: bytes, text: bytes, *, context: bytes) -> bytes:
    """Seal `text` under a 32-byte key of no vault, bound to `context`, padded to whole KiB."""
    return Sealing(Header(SUITES.current, 0), key, context).seal(text)


def unseal(key: bytes, blob: bytes, *, context: bytes) -> bytes:
    """Open a blob that was sealed under this key, for this context.

    :raises SealBroken: altered, moved, truncated, under another key, or of an unknown or retired suite
    """
    return Sealing(read_header(blob), key, context).unseal(blob)


def read_header(blob: bytes) -> Header:
    """Read the suite and generation a blob claims.

    :raises SealBroken: too short, or a format or suite that we do not accept
    """
    if len(blob) < _HEADER:
        raise SealBroken
    version, suite, generation = _HEAD.unpack_from(blob)
    if version != FORMAT or not SUITES.is_readable(suite):
        raise SealBroken
    return Header(suite, generation)


def _pad(text: bytes) -> bytes:
    framed = len(text).to_bytes(_FRAME, "big") + text
    return framed + bytes(-len(framed) % BUCKET)


def _size_of_text(padded: bytes) -> int:
    """Say how long the text in a padded one is, if that has the one form it may have."""
    size, whole = int.from_bytes(padded[:_FRAME], "big"), len(padded)
    zeros = whole - _FRAME - size
    if not padded or whole % BUCKET or not 0 <= zeros < BUCKET or padded.count(0, _FRAME + size) != zeros:
        raise SealBroken
    return size
