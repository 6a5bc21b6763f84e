"""What a look at an installation finds, and how it weighs."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a finding weighs. Only `MISSING` makes the command fail."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what is so, and what to do about it."""

    name: str
    verdict: Verdict
    says: str
    do: str = ""


def ok(name: str, says: str) -> Finding:
    return Finding(name, Verdict.OK, says)


def missing(name: str, says: str, do: str) -> Finding:
    return Finding(name, Verdict.MISSING, says, do)
