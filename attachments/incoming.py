"""A file on its way in: told, measured and sealed while it flows, so that it is nowhere in clear.

It lies on the disk, because the memory of the server is everybody's: in a file without a name, each piece sealed under
a key that this request alone has. A lost connection, or a server that is killed, leaves nothing.
"""

import hashlib
from collections.abc import Iterator
from tempfile import TemporaryFile

from django.conf import settings

from attachments.kinds import PIECE, Kind
from attachments.telling import Teller
from keys.services import PassingKey


class Incoming:
    """One file. Of what is too large, or nothing that may be attached, not a byte is kept.

    :param limit: in bytes; the first one more is too many
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._key, self._teller = limit, PassingKey(), Teller()
        # The system takes it away with its last handle: it never has a name.
        self._file = TemporaryFile(dir=settings.RUN_DIR)  # noqa: SIM115 (closed with its request)
        self._rest, self._hash = bytearray(), hashlib.sha256()
        self._lengths: list[int] = []
        self.size = 0
        self.kind: Kind | None = None

    @property
    def is_too_large(self) -> bool:
        return self.size > self._limit

    @property
    def pieces(self) -> int:
        """How many pieces it is in."""
        return len(self._lengths)

    @property
    def sha256(self) -> str:
        """SHA-256, in hex, of all of it."""
        return self._hash.hexdigest()

    def take(self, content: bytes) -> None:
        """Take the next bytes."""
        self.size += len(content)
        if self._file.closed:
            return
        self._teller.see(content)
        if self.is_too_large or self._teller.is_hopeless:
            self.close()
            return
        self._hash.update(content)
        self._rest += content
        while len(self._rest) >= PIECE:
            self._put(PIECE)

    def finish(self) -> None:
        """Say that this was all: now it is known what it is."""
        if self._file.closed:
            return
        self.kind = self._teller.tell()
        if self.kind is None:
            self.close()
        elif self._rest:
            self._put(len(self._rest))

    def read(self) -> Iterator[bytes]:
        """Give it back in clear, piece by piece: at most one is in memory."""
        self._file.seek(0)
        for number, length in enumerate(self._lengths, start=1):
            yield self._key.unseal(self._file.read(length), number=number)

    def close(self) -> None:
        """Let go of it."""
        self._rest.clear()
        self._file.close()

    def _put(self, size: int) -> None:
        sealed = self._key.seal(bytes(self._rest[:size]), number=self.pieces + 1)
        del self._rest[:size]
        self._file.write(sealed)
        self._lengths.append(len(sealed))
