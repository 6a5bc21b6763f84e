"""What is put into a draft from beside it: sections of earlier notes between marks, and goals by their words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime

from notes.formats import Section

if TYPE_CHECKING:
    from notes.models import Note

_END = "[Carried forward up to here]"


def mark_carried(text: str, note: "Note") -> str:
    """Put a text between the marks that say from which note it is and where it ends."""
    day = date_format(localtime(note.session_at), "j F Y")
    return f"[Carried forward from: {note.label}, {day}]\n{text.strip()}\n{_END}"


def mark_goal(words: str) -> str:
    """Name a goal as a note refers to it: by its words, so that the note says for good what it was about."""
    return f"[Goal: {words}]"


def add_carried(there: str, carried: str) -> str:
    """Put a carried text below what stands in a section; what stands there already is not put there twice."""
    if carried in there.replace("\r\n", "\n"):
        return there
    return f"{there.rstrip()}\n\n{carried}" if there.strip() else carried


def section_for(name: str, sections: Sequence[Section]) -> str:
    """Say into which section of a draft one of this name goes: the same, or the first that is written by hand."""
    written = [section.name for section in sections if not section.choices]
    return name if name in written else written[0]
