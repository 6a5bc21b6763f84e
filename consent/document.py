"""A consent text in memory: what `consent.source` reads and `consent.publication` renders."""

import re
from dataclasses import dataclass

from consent.kinds import DocumentKind, SectionKind
from consent.limits import Limit

# Facts about the place and the practice, and whole sentences that a practice chooses. No person is among them:
# names stand beside the text and in the signed record, so that one text serves every therapist.
VARIABLES = frozenset(
    {
        "jurisdiction_name",
        "emergency_number",
        "duty_to_protect",
        "adult_report_statement",
        "past_abuse_statement",
        "partner_violence_statement",
        "other_legal_duties",
        "supervision_statement",
        "consultation_for_you",
        "participants_statement",
    }
)
PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")


class TextRefused(ValueError):
    """The text cannot be used; the message says where and why in words for its author."""

    def __init__(self, problem: str, *, line: int | None = None) -> None:
        super().__init__(problem if line is None else f"Line {line}: {problem}")
        self.line = line


@dataclass(frozen=True)
class Question:
    """One question on a limit; `explanation` is what a wrong answer is met with."""

    text: str
    right: str
    wrong: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class Section:
    """One limit as written, variables still open; `ground` says whether it can justify a disclosure."""

    code: Limit
    kind: SectionKind
    ground: bool
    title: str
    body: str
    for_you: str
    question: Question
    line: int


@dataclass(frozen=True)
class Document:
    """A whole text as written, variables still open."""

    kind: DocumentKind
    version: str
    lang: str
    note: str
    variables: frozenset[str]
    for_you_label: str
    meaning: str
    still_to_discuss: str
    title: str
    intro: str
    sections: tuple[Section, ...]
