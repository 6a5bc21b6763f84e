"""What a note asks for, as data: a format is a name and its sections. A stored note keeps the name of its format."""

from collections.abc import Mapping
from dataclasses import dataclass

from notes.kinds import NoteKind
from notes.reasons import AddendumReason

FOLLOW_UP = "follow_up"
_CONTRADICTION = (
    "You chose “{chosen}”, and yet something stands under “{here}”. Choose “{wanted}”, or empty that field."
)


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

    def is_asked(self, fields: Mapping[str, str]) -> bool:
        """Say whether the other answers leave this section open at all."""
        return self.only_if is None or fields.get(self.only_if[0]) == self.only_if[1]

    def is_missing(self, fields: Mapping[str, str]) -> bool:
        """Say whether the note cannot be signed for want of this section."""
        return not self.optional and self.is_asked(fields) and self.is_empty(fields)

    def is_empty(self, fields: Mapping[str, str]) -> bool:
        """Say whether nothing stands here; blanks are nothing."""
        return not fields.get(self.name, "").strip()


@dataclass(frozen=True)
class Answer:
    """A section with what it holds, as the author looks through it before signing.

    :param text: the words a reader will see
    :param problem: why it cannot be signed like this, in a sentence; empty where it can
    """

    section: Section
    text: str
    problem: str


@dataclass(frozen=True)
class Format:
    """The sections of a note, in order."""

    name: str
    sections: tuple[Section, ...]

    def answers(self, fields: Mapping[str, str]) -> list[Answer]:
        """List the sections that are asked for, and what stands where nothing was asked."""
        problems = self.problems(fields)
        return [
            Answer(section, section.shown(fields.get(section.name, "")), problems.get(section.name, ""))
            for section in self.sections
            if section.is_asked(fields) or not section.is_empty(fields)
        ]

    def problems(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Say by section what keeps the note from being signed: what is missing, and what contradicts itself."""
        missing = {section.name: "Not answered yet." for section in self.sections if section.is_missing(fields)}
        return missing | self.contradictions(fields)

    def contradictions(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Say by section where a text stands though another answer was chosen than the one that asks for it."""
        by_name = {section.name: section for section in self.sections}
        found = {}
        for section in self.sections:
            if section.only_if is None or section.is_empty(fields):
                continue
            asker, wanted = by_name[section.only_if[0]], section.only_if[1]
            chosen = fields.get(asker.name, "")
            # An open question contradicts nothing: it is missing, and that is said there.
            if chosen not in ("", wanted):
                words = {"chosen": asker.shown(chosen), "here": section.label, "wanted": asker.shown(wanted)}
                found[section.name] = _CONTRADICTION.format(**words)
        return found


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
                (FOLLOW_UP, "Something to follow up\nOpens a short section for what was said and agreed"),
            ),
        ),
        Section(
            FOLLOW_UP,
            "To follow up",
            "What was said, what you agreed and who you told.",
            only_if=("safety", FOLLOW_UP),
        ),
    ),
)
_PROCESS = Format(
    "process/1",
    (Section("text", "Your own thoughts", "Shown to nobody but you, and no part of the record.", rows=12),),
)
_EMERGENCY = Format(
    "emergency/1",
    (
        Section("happened", "What happened, and when", "With the time of each thing, where you know it.", rows=5),
        Section("risk", "The risk as you saw it", "What you saw and heard, and what you concluded from it."),
        Section("done", "What was done"),
        Section("informed", "Who was informed", "Who, when and of what. If nobody was: why not."),
        Section("agreed", "What was agreed, and the next step", "Who does what, and by when."),
    ),
)
_SAFETY = Format(
    "safety/1",
    (
        Section("concern", "The concern", "What was said or noticed, by whom and when.", rows=5),
        Section("risk", "The risk as you see it"),
        Section("agreed", "What was done and agreed", "Who does what, and by when."),
        Section("informed", "Who was informed", "Who, when and of what.", optional=True),
    ),
)
_REFUSAL = Format(
    "refusal/1",
    (
        Section("refused", "What the client refused or withdrew, and when", "In their words where you can.", rows=5),
        Section("reason", "The reason, if they gave one", "Nobody owes you one.", optional=True),
        Section("explained", "What you explained", "What it means for the work, and that they can sign later."),
        Section("agreed", "What was agreed, and the next step"),
    ),
)
_PLAIN = Format("plain/1", (Section("text", "What happened", rows=10),))
# Its reason is a column of the addendum too: that something was corrected is seen before anything is opened.
ADDENDUM = Format(
    "addendum/1",
    (
        Section("reason", "Why is it added?", choices=tuple((reason.value, reason.label) for reason in AddendumReason)),
        Section("why", "The reason in your own words", "What was wrong or missing, and how you noticed.", rows=3),
        Section("text", "What is added", "The note stays as it is. Write what is to be read beside it.", rows=8),
    ),
)
_BY_KIND = {
    NoteKind.SESSION: _SESSION,
    NoteKind.PROCESS: _PROCESS,
    NoteKind.EMERGENCY: _EMERGENCY,
    NoteKind.SAFETY: _SAFETY,
    NoteKind.REFUSAL: _REFUSAL,
}
_BY_NAME = {format_.name: format_ for format_ in (*_BY_KIND.values(), _PLAIN, ADDENDUM)}


def current_format(kind: NoteKind) -> Format:
    """Return what a new note of this kind asks for."""
    return _BY_KIND.get(kind, _PLAIN)


def find_format(name: str) -> Format:
    """Return the format that a stored draft or note names.

    :raises KeyError: this version does not know it
    """
    return _BY_NAME[name]
