"""What of a client's record goes into a file: the apps above declare their parts, and the roof puts them together.

A part opens what it holds under a look that stands in the log, and gives it back in words for people and in FHIR for
programs. It never fails as a whole for one text that stays closed: what is missing is said where it is missing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from access.acting import Actor
from audit.services import Receipt
from keys.services import require_open

if TYPE_CHECKING:
    from clients.models import Client

Resource = Mapping[str, Any]
# A name within the file, and what stands there, read piece by piece when it is packed.
Attached = tuple[str, Callable[[], Iterator[bytes]]]


@dataclass(frozen=True, repr=False)
class Gathering:
    """Who gathers what is about whom, under which look."""

    by: Actor
    client: "Client"
    receipt: Receipt
    at: datetime

    @property
    def practice_id(self) -> UUID:
        """The practice, as every file of it names it: the first half of its root id, which its keys end in."""
        return UUID(bytes=require_open(self.by.keys).root_id[:16])


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of words below their headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, repr=False)
class Leaf:
    """One thing of a record as a reader gets it, such as one note.

    :param facts: label and words
    :param passages: heading and text, line breaks kept
    :param problem: why it is not all here, in a sentence; empty where it is
    """

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    passages: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    problem: str = ""


@dataclass(frozen=True, repr=False)
class Chapter:
    """One part of a record.

    :param preface: a sentence that its reader needs
    :param resources: the same for programs, as FHIR R4; what they point at is in the file, see `clients.fhir`
    :param files: by name within the file, what is handed out byte for byte as it is
    :param attached: the same for what is too large to be held whole
    """

    leaves: tuple[Leaf, ...] = ()
    preface: str = ""
    resources: tuple[Resource, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    attached: tuple[Attached, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return not any(leaf.problem for leaf in self.leaves)


@dataclass(frozen=True)
class Part:
    """A part that an app declares.

    :param place: where it stands among the others, the lowest first
    :param is_own: it is its author's own and no part of the record: never in a file with anything else
    """

    name: str
    title: str
    place: int
    gather: Callable[[Gathering], Chapter]
    is_own: bool = False


_PARTS: dict[str, Part] = {}


def register_part(part: Part) -> None:
    """Declare a part."""
    _PARTS[part.name] = part


def parts_of_record(*, own: bool = False) -> list[Part]:
    """List the parts that belong in one file, in their order.

    :param own: instead of the record, what its author alone may export
    """
    return sorted((part for part in _PARTS.values() if part.is_own is own), key=lambda part: part.place)
