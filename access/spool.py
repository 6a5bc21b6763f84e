"""What may be too large for the memory of a server, and passes through one request: it lies sealed, and has no name.

Each piece is sealed under a key that this request alone has. Where they become many, they lie in a file that the system
takes away with its last handle: a lost connection, or a server that is killed, leaves nothing.
"""

import hashlib
import io
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings

from keys.services import PassingKey

# Sealed, with its length in front, it fills 256 KiB to the last byte.
PIECE = 256 * 1024 - 4
# Up to here it lies in memory, sealed all the same.
_IN_MEMORY = 1024 * 1024


class SealedSpool(io.RawIOBase):
    """A file that is written once, and then read piece by piece: at most one piece of it is ever in clear."""

    def __init__(self) -> None:
        super().__init__()
        self._key, self._hash = PassingKey(), hashlib.sha256()
        self._file = SpooledTemporaryFile(_IN_MEMORY, dir=str(settings.RUN_DIR))  # noqa: SIM115 (closed with the spool)
        self._rest, self._lengths = bytearray(), list[int]()
        self.size = 0

    @property
    def sha256(self) -> bytes:
        """SHA-256 of all of it."""
        return self._hash.digest()

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, content: Any) -> int:
        """Take the next bytes."""
        taken = bytes(content)
        self.size += len(taken)
        self._hash.update(taken)
        self._rest += taken
        while len(self._rest) >= PIECE:
            self._put(PIECE)
        return len(taken)

    def finish(self) -> int:
        """Say that this was all, and how many pieces it is in."""
        if self._rest:
            self._put(len(self._rest))
        return len(self._lengths)

    def pieces(self) -> Iterator[bytes]:
        """Give it back in clear, piece by piece."""
        self._file.seek(0)
        for number, length in enumerate(self._lengths, start=1):
            yield self._key.unseal(self._file.read(length), number=number)

    def close(self) -> None:
        """Let go of it."""
        self._rest.clear()
        self._file.close()
        super().close()

    def _put(self, size: int) -> None:
        sealed = self._key.seal(bytes(self._rest[:size]), number=len(self._lengths) + 1)
        del self._rest[:size]
        self._file.write(sealed)
        self._lengths.append(len(sealed))
