"""What a note asks for, as data: a format is a name and its sections. A stored note keeps the name of its format."""

from collections.abc import Mapping
from dataclasses import dataclass

from notes.kinds import NoteKind

FOLLOW_UP = "follow_up"


@dataclass(frozen=True)
class Section:
    """One field of a note.

    :param optional: a note can be signed without it
    :param choices: (value, label) pairs; then one is chosen, none beforehand. A second line says what it means.
    :param only_if: (section, value): asked for only where that was chosen
    """

    name: str
    label: str
    hint: str = ""
    rows: int = 4
    optional: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    only_if: tuple[str, str] | None = None

    def shown(self, value: str) -> str:
        """Return a value as a reader sees it: the first line of the label that was chosen, or the text."""
        return dict(self.choices).get(value, value).partition("\n")[0] if self.choices else value

    def is_missing(self, fields: Mapping[str, str]) -> bool:
        """Say whether the note cannot be signed for want of this section."""
        if self.only_if and fields.get(self.only_if[0]) != self.only_if[1]:
            return False
        asked = self.only_if is not None or not self.optional
        return asked and not fields.get(self.name, "").strip()


@dataclass(frozen=True)
class Format:
    """The sections of a note, in order."""

    name: str
    sections: tuple[Section, ...]

    def missing(self, fields: Mapping[str, str]) -> tuple[Section, ...]:
        """List what still has to be filled in before the note can be signed."""
        return tuple(section for section in self.sections if section.is_missing(fields))


_SESSION = Format(
    "session/1",
    (
        Section("brought", "What the client brought", "In their words where you can.", rows=5),
        Section("together", "What we did together"),
        Section("plan", "Plan", optional=True),
        Section(
            "safety",
            "Safety",
            choices=(
                ("none", "No new concern today"),
                (FOLLOW_UP, "Something to follow up\nSay below what was said, what you agreed and who you told"),
            ),
        ),
        Section(
            FOLLOW_UP,
            "To follow up",
            "Only where you chose “Something to follow up”.",
            optional=True,
            only_if=("safety", FOLLOW_UP),
        ),
    ),
)
_PROCESS = Format(
    "process/1",
    (Section("text", "Your own thoughts", "Shown to nobody but you, and no part of the record.", rows=12),),
)
_PLAIN = Format("plain/1", (Section("text", "What happened", rows=10),))
_BY_KIND = {NoteKind.SESSION: _SESSION, NoteKind.EMERGENCY: _SESSION, NoteKind.PROCESS: _PROCESS}
_BY_NAME = {format_.name: format_ for format_ in (_SESSION, _PROCESS, _PLAIN)}


def current_format(kind: NoteKind) -> Format:
    """Return what a new note of this kind asks for."""
    return _BY_KIND.get(kind, _PLAIN)


def find_format(name: str) -> Format:
    """Return the format that a stored draft or note names.

    :raises KeyError: this version does not know it
    """
    return _BY_NAME[name]
