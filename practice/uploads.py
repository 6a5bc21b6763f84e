"""Uploads: taken on the pages whose row of the policy says how large, held in memory, and refused everywhere else."""

from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from practice.policy import POLICY


class RefuseOrHold(FileUploadHandler):
    """Refuses a file before its first byte is kept, or holds it in memory: no part of one is ever written down."""

    _limit = 0
    _held: BytesIO

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse, unless the page takes files. What a signed-out browser sends is passed over: the page asks again.

        :raises SuspiciousOperation: the page takes none; the answer is a plain 400
        """
        super().new_file(*args, **kwargs)
        match = self.request.resolver_match if self.request else None
        row = POLICY.get(match.view_name) if match else None
        if row is None or not row.upload:
            raise SuspiciousOperation("files are not accepted")
        if self.request.unlocked is None:  # type: ignore[union-attr] # the middleware's, before any view
            raise SkipFile
        self._limit, self._held = row.upload, BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Hold what fits, and nothing of what does not."""
        if start + len(raw_data) <= self._limit:
            self._held.write(raw_data)
        else:
            self._held = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Hand the file to its form; of one that is too large only the size, for the form to say so."""
        self._held.seek(0)
        return InMemoryUploadedFile(
            self._held, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )
