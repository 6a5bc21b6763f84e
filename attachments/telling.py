"""Telling what a file is by what is in it, while it flows past. Nobody asks its name, and nothing is unpacked.

A file may be two things at once: a picture with a web page behind it, a PDF that is an archive too. It is then taken
for the one that it begins as, and leaves under that type and no other, in a box where nothing runs.
"""

import codecs
import re

from filetype.match import match
from filetype.types.archive import Pdf
from filetype.types.document import Docx, Odt
from filetype.types.image import Heic, Jpeg, Png

from attachments.kinds import Kind

# As much as the signatures look at.
_HEAD = 8192
_SIGNATURES = [Pdf(), Jpeg(), Png(), Heic(), Docx(), Odt()]
# No text has them: whatever does is something else. Tabs, line ends and the end of a page are none of these.
_CONTROLS = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f]")
# Web pages and drawings are texts too, and none that somebody would want as one.
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<")


class Teller:
    """Sees a file pass, and says what it was."""

    def __init__(self) -> None:
        self._head = b""
        self._text: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()

    def see(self, content: bytes) -> None:
        """Look at the next bytes."""
        self._head += content[: _HEAD - len(self._head)]
        self._read(content, final=False)

    @property
    def is_hopeless(self) -> bool:
        """Whether enough was seen to say that this is nothing that may be attached."""
        return len(self._head) == _HEAD and self._text is None and self._signed() is None

    def tell(self) -> Kind | None:
        """Say what the whole file was; None for what may not be attached."""
        self._read(b"", final=True)
        if (kind := self._signed()) is not None:
            return kind
        return Kind.TEXT if self._text and self._head and not _MARKUP.match(self._head) else None

    def _signed(self) -> Kind | None:
        found = match(self._head, _SIGNATURES)
        return Kind(found.extension) if found else None

    def _read(self, content: bytes, *, final: bool) -> None:
        try:
            if self._text and _CONTROLS.search(self._text.decode(content, final)):
                self._text = None
        except UnicodeDecodeError:
            self._text = None
