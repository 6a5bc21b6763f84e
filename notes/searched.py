"""What is searched for, and what comes of it: the words of a search, for its service and its pages."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import TYPE_CHECKING

from notes.kinds import NoteKind
from notes.matching import Passage, Query

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Addendum, Draft, Note

MAX_FOUND = 200
SECONDS = 20


class Ended(Enum):
    """Why a search stopped."""

    DONE = auto()
    FULL = auto()
    LATE = auto()
    BROKEN = auto()


@dataclass(frozen=True, repr=False)
class Wanted:
    """What to search for, and where.

    :param client: a code, or words of a name; empty for everybody
    :param since, until: days of the session, both included
    """

    query: Query
    client: str = ""
    kind: NoteKind | None = None
    since: date | None = None
    until: date | None = None

    @property
    def filters(self) -> list[str]:
        """What narrows the search, in codes for the log. Whose record it was, the entry's subjects say."""
        client = ["client"] if self.client else []
        kind = [f"kind_{self.kind}"] if self.kind else []
        days = (("since", self.since), ("until", self.until))
        return [*client, *kind, *(f"{name}_{day.isoformat()}" for name, day in days if day)]


@dataclass(frozen=True, repr=False)
class Found:
    """What was written and has everything in it, or stayed closed: then `problem` says why."""

    written: "Draft | Note | Addendum"
    is_draft: bool
    passages: tuple[Passage, ...] = ()
    problem: str = ""


@dataclass(frozen=True, repr=False)
class FoundOf:
    """What was found about one client; `problem` says why some or all of it was not searched."""

    client: "Client"
    label: str
    found: list[Found]
    problem: str = ""


@dataclass(repr=False)
class Count:
    """How far a search has come.

    :param records: that it goes through in all
    :param texts: drafts, notes and addenda gone through; `closed` of them nobody could look into
    :param found: those in which everything was found
    :param makers: by name, who made keys that this person met for the first time on the way
    """

    records: int
    texts: int = 0
    closed: int = 0
    found: int = 0
    ended: Ended = Ended.DONE
    makers: set[str] = field(default_factory=set)
