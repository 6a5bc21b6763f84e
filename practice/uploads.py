"""Uploads: taken on the pages whose row of the policy says how large, and refused everywhere else.

A small one is held in memory, a large one sealed while it comes in: no part of any is ever written down in clear.
"""

from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from attachments.incoming import Incoming
from practice.policy import POLICY, Row


class RefuseOrHold(FileUploadHandler):
    """Refuses a file before its first byte is kept, or holds it, in memory or sealed."""

    # How many files this request has brought, and their bytes.
    _files, _taken = 0, 0
    _held: "_Held | Incoming | None" = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse, unless the page takes files. What a signed-out browser sends is passed over: the page asks again.

        :raises SuspiciousOperation: the page takes none; the answer is a plain 400
        """
        super().new_file(*args, **kwargs)
        match = self.request.resolver_match if self.request else None
        row = POLICY.get(match.view_name) if match else None
        if row is None or not row.upload:
            raise SuspiciousOperation("files are not accepted")
        self._files += 1
        if self._files > row.files:
            raise SuspiciousOperation("too many files")
        if self.request.unlocked is None:  # type: ignore[union-attr] # the middleware's, before any view
            raise SkipFile
        self._held = _place_for(row, row.upload - self._taken)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take the next bytes."""
        assert self._held is not None  # noqa: S101 (made with the file)
        self._held.take(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """Hand the file to its form; of one that is too large only the size, for the form to say so."""
        self._taken += file_size
        name, held = self.file_name or "", self._held
        if isinstance(held, Incoming):
            held.finish()
            # What a form asks of a file is its name and its size; the rest is the app's that takes it.
            return UploadedFile(held, name, self.content_type, file_size, self.charset)  # type: ignore[arg-type]
        assert held is not None  # noqa: S101 (made with the file)
        return InMemoryUploadedFile(held.content(), self.field_name, name, self.content_type, file_size, self.charset)

    def upload_interrupted(self) -> None:
        """Let go of what came of a file that ended before its end."""
        if self._held is not None:
            self._held.close()


class _Held:
    """A small file, in memory: what fits, and nothing of what does not."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size, self._content = limit, 0, BytesIO()

    def take(self, content: bytes) -> None:
        """Take the next bytes."""
        self._size += len(content)
        if self._size <= self._limit:
            self._content.write(content)
        else:
            self._content = BytesIO()

    def content(self) -> BytesIO:
        """Give all of it."""
        self._content.seek(0)
        return self._content

    def close(self) -> None:
        """Let go of it."""
        self._content.close()


def _place_for(row: Row, left: int) -> _Held | Incoming:
    return Incoming(left) if row.seals_upload else _Held(left)
