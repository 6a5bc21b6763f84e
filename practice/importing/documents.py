"""The text of a DOCX file (ECMA-376, WordprocessingML): its paragraphs in order, and how much of it is no text."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from practice.importing.archives import read_at_most
from practice.importing.sheets import NotReadable

_BODY = "word/document.xml"
LARGEST_BODY = 8 * 1024 * 1024
_SIGNS: Mapping[str, str] = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "p": "\n"}
_NO_TEXT: Mapping[str, str] = {
    "drawing": "pictures",
    "pict": "pictures",
    "footnoteReference": "footnotes",
    "endnoteReference": "footnotes",
    "commentReference": "comments",
}
# What older programs are shown instead of what stands beside it.
_AGAIN = "Fallback"
_DAMAGED = "This file is damaged, or no DOCX file. Open it in your word processor and save it anew as DOCX."


def read_document(raw: bytes) -> tuple[str, str]:
    """Return the text of a document, and in a sentence what of it is not taken over.

    What was deleted with changes tracked is no text any more; what was inserted is.

    :raises NotReadable: it is no such document, or unpacks to more than any letter
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            body = read_at_most(archive, archive.getinfo(_BODY), LARGEST_BODY)
        return _read(body)
    except (KeyError, zipfile.BadZipFile, RuntimeError, zlib.error, EOFError) as error:
        raise NotReadable(_DAMAGED) from error
    except (ParseError, DefusedXmlException) as error:
        raise NotReadable(_DAMAGED) from error


def _read(body: bytes) -> tuple[str, str]:
    words: list[str] = []
    others: Counter[str] = Counter()
    depth_again = 0
    for event, element in iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=True):
        name = element.tag.rpartition("}")[2]
        if name == _AGAIN:
            depth_again += 1 if event == "start" else -1
        elif event == "end" and not depth_again:
            words.append((element.text or "") if name == "t" else _SIGNS.get(name, ""))
            others[_NO_TEXT.get(name, "")] += 1
        if event == "end" and name == "p":
            element.clear()
    found = [f"{what} ({count})" for what, count in sorted(others.items()) if what]
    return "".join(words), f"Not taken over: {', '.join(found)}." if found else ""
