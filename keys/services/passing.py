"""A key for what passes through one request: drawn in it, kept in its memory alone, and gone with it."""

import os
from uuid import uuid4

from keys.context import encode
from keys.sealing import seal, unseal


class PassingKey:
    """Seals what has to lie somewhere for a moment, so that nothing of it is anywhere in clear."""

    def __init__(self) -> None:
        self._passing, self._key = uuid4(), os.urandom(32)

    def seal(self, piece: bytes, *, number: int) -> bytes:
        """Seal one piece, bound to its place among the others."""
        return seal(self._key, piece, context=encode("passing/v1", self._passing, number))

    def unseal(self, blob: bytes, *, number: int) -> bytes:
        """Open it again.

        :raises SealBroken: altered, or another piece
        """
        return unseal(self._key, blob, context=encode("passing/v1", self._passing, number))
