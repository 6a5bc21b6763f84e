"""A file on its way in: told and measured while it flows, and sealed, so that it is nowhere in clear."""

from collections.abc import Iterator

from access.spool import SealedSpool
from attachments.kinds import Kind
from attachments.telling import Teller


class Incoming:
    """One file. Of what is too large, or nothing that may be attached, not a byte is kept.

    :param limit: in bytes; the first one more is too many
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._teller, self._spool = limit, Teller(), SealedSpool()
        self.size = self.pieces = 0
        self.kind: Kind | None = None

    @property
    def is_too_large(self) -> bool:
        return self.size > self._limit

    @property
    def sha256(self) -> str:
        """SHA-256, in hex, of all of it."""
        return self._spool.sha256.hex()

    def take(self, content: bytes) -> None:
        """Take the next bytes."""
        self.size += len(content)
        if self._spool.closed:
            return
        self._teller.see(content)
        if self.is_too_large or self._teller.is_hopeless:
            self.close()
        else:
            self._spool.write(content)

    def finish(self) -> None:
        """Say that this was all: now it is known what it is."""
        if self._spool.closed:
            return
        self.kind, self.pieces = self._teller.tell(), self._spool.finish()
        if self.kind is None:
            self.close()

    def read(self) -> Iterator[bytes]:
        """Give it back in clear, piece by piece: at most one is in memory."""
        return self._spool.pieces()

    def close(self) -> None:
        """Let go of it."""
        self._spool.close()
