"""The name of a file, as a page and somebody's own device may have it."""

import re
import unicodedata

from access.fields import HIDDEN
from attachments.kinds import Kind

LONGEST = 100
# What leads to a folder, or means something to a shell or to Windows.
_UNSAFE = re.compile(r'[/\\:*?"<>|]+')
_OTHER_SPELLINGS = {Kind.JPEG: ("jpeg", "jpe"), Kind.HEIC: ("heif",), Kind.TEXT: ("text", "md", "csv", "log")}


def clean_name(name: str, kind: Kind) -> str:
    """Make a name of what a browser said: one line, no folder, no sign that nobody sees, and the ending of its kind.

    An ending that says something else stays in front of the true one.
    """
    visible = HIDDEN.sub("", unicodedata.normalize("NFC", name))
    line = " ".join(_UNSAFE.sub(" ", visible).split())
    stem, dot, ending = line.rpartition(".")
    if dot and ending.lower() in (kind.value, *_OTHER_SPELLINGS.get(kind, ())):
        line = stem
    return f"{line[:LONGEST].strip('. ') or 'file'}.{kind.value}"
