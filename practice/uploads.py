"""Uploads: there are none yet, so none is taken, and nothing lands in a temporary file."""

from typing import NoReturn

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler


class RefuseUploads(FileUploadHandler):
    """Refuses a file before its first byte is kept."""

    def new_file(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse.

        :raises SuspiciousOperation: always; the page is a plain 400
        """
        raise SuspiciousOperation("files are not accepted")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Keep nothing; never reached."""
        return b""

    def file_complete(self, file_size: int) -> None:
        """Complete nothing; never reached."""
