"""What a note asks for: a format is a name and its sections. A stored note keeps the name of its format."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    """The sections of a note, in order.

    :param name: as stored, with its version: a change of what stands in it is another version
    :param label: as shown to whoever chooses
    :param series: what its versions have in common, where that is not the name
    """

    name: str
    label: str
    sections: tuple[Section, ...]
    series: str = ""

    @property
    def family(self) -> str:
        """Whose version this is: the same for all of them."""
        return self.series or self.name.partition("/")[0]

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
