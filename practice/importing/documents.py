"""The text of a DOCX file (ECMA-376, WordprocessingML): its paragraphs in order, and how much of it is no text."""

from collections import Counter
from collections.abc import Mapping

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from practice.importing.archives import Room, open_zip, read_entry
from practice.importing.sheets import NotReadable

_BODY = "word/document.xml"
LARGEST_BODY = 2 * 1024 * 1024
# The parser writes the whole namespace before each name.
LONGEST_NAMESPACE = 500
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


def read_document(raw: bytes, room: Room) -> tuple[str, str]:
    """Return the text of a document, and in a sentence what of it is not taken over.

    What was deleted with changes tracked is no text any more; what was inserted is.

    :raises NotReadable: it is no such document, or unpacks to more than any letter
    :raises TooMuch: the room for all that was chosen does not suffice
    """
    body = _body_of(raw, room)
    # Word processors write UTF-8: whatever else a document calls its letters is not looked up.
    parser = XMLParser(target=_Body(room), encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(body)
        text, remark = parser.close()
    except (ParseError, DefusedXmlException) as error:
        raise NotReadable(_DAMAGED) from error
    return text, remark


def _body_of(raw: bytes, room: Room) -> bytes:
    try:
        archive = open_zip(raw)
        info = archive.getinfo(_BODY)
    except (NotReadable, KeyError) as error:
        raise NotReadable(_DAMAGED) from error
    with archive:
        return read_entry(archive, info, LARGEST_BODY, room)


class _Body:
    """What the parser tells its elements to. No tree is built of them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._words: list[str] = []
        self._others: Counter[str] = Counter()
        self._again = 0
        self._is_text = False

    def start_ns(self, _: str, namespace: str) -> None:
        """Take no namespace that would make every name long."""
        if len(namespace) > LONGEST_NAMESPACE:
            raise NotReadable(_DAMAGED)

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        """Begin an element."""
        self._room.take_element()
        name = _local(tag)
        self._again += name == _AGAIN
        self._is_text = name == "t" and not self._again

    def data(self, text: str) -> None:
        """Keep text, where it is text of the document."""
        if self._is_text:
            self._words.append(text)

    def end(self, tag: str) -> None:
        """End an element."""
        name = _local(tag)
        self._is_text = False
        self._again -= name == _AGAIN
        if not self._again:
            self._words.append(_SIGNS.get(name, ""))
            self._others[_NO_TEXT.get(name, "")] += 1

    def close(self) -> tuple[str, str]:
        """Return the text, and what is not taken over."""
        found = [f"{what} ({count})" for what, count in sorted(self._others.items()) if what]
        return "".join(self._words), f"Not taken over: {', '.join(found)}." if found else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
