"""Past notes, held to one's own caseload: which would come in, to whom, and what is wrong with the others."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing

from access.acting import Actor
from clients.services.contacts import ListedClient, browse_clients
from clients.services.vaults import readers_of_new
from notes.folding import fold
from notes.services.importing import PastNote, known_marks, waiting_for_key
from practice.importing.pieces import Piece
from practice.importing.sheets import NotReadable

if TYPE_CHECKING:
    from access.models import User

_WORD = re.compile(r"[^\W_]+")
# In characters: with the rest of the form it stays below the megabyte that any form may have.
_LARGEST_PARCEL = 900_000
_LASTS = 12 * 3600
# Each takes ten milliseconds and more, all in one transaction.
_MANY_RECORDS = 50
# For more of them nobody types days into a page.
_MOST_UNDATED = 100


@dataclass(frozen=True, repr=False)
class PastRow:
    """One note of the preview.

    :param client: whom it is about; nobody where something is wrong
    :param day: none where it still has to be chosen
    """

    number: int
    piece: Piece
    client: ListedClient | None = None
    day: date | None = None
    problem: str = ""

    @property
    def beginning(self) -> str:
        """Return its first words."""
        return " ".join(self.piece.text[:200].split())[:80]


@dataclass(frozen=True, repr=False)
class OfClient:
    """What would come into one record. `readers` will hold its key, because this makes it."""

    client: ListedClient
    rows: list[PastRow]
    readers: "Sequence[User]"

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last."""
        days = [row.day for row in self.rows if row.day]
        return min(days), max(days)


@dataclass(frozen=True, repr=False)
class PastListing:
    """A whole preview.

    :param readers: by client, who gets a key with the record that is begun
    :param begun: how many records are
    """

    rows: list[PastRow]
    readers: "Mapping[UUID, Sequence[User]]" = field(default_factory=dict)
    begun: int = 0

    @property
    def holds_others_up(self) -> bool:
        """Whether it takes so long that others should not be at work meanwhile."""
        return self.begun > _MANY_RECORDS

    @cached_property
    def brought(self) -> list[PastRow]:
        return [row for row in self.rows if row.client and row.day]

    @cached_property
    def undated(self) -> list[PastRow]:
        """List those that need only a day."""
        return [row for row in self.rows if row.client and not row.day]

    @cached_property
    def left_out(self) -> list[PastRow]:
        return [row for row in self.rows if row.client is None]

    @cached_property
    def clients(self) -> list[OfClient]:
        """List what would come in by client, in the order of their names, the oldest first."""
        rows = defaultdict(list)
        for row in sorted(self.brought, key=lambda row: (str(row.day), row.number)):
            if row.client:
                rows[row.client.client.pk].append(row)
        found = [OfClient(of[0].client, of, self.readers.get(key, ())) for key, of in rows.items() if of[0].client]
        return sorted(found, key=lambda one: one.client.label.casefold())

    @property
    def fingerprint(self) -> str:
        """Tell whether the preview that was pressed upon shows what is true now: whom, and who gets which key."""
        told = [[row.number, str(row.client.client.pk), bool(row.day)] for row in self.rows if row.client]
        readers = [[str(key), sorted(str(user.pk) for user in users)] for key, users in sorted(self.readers.items())]
        return hashlib.sha256(json.dumps([told, readers]).encode()).hexdigest()

    def notes(self) -> list[PastNote]:
        """Return what is brought in, by client and day."""
        return [
            PastNote(of.client.client.pk, row.day, row.piece.text, row.piece.written_by, row.piece.where)
            for of in self.clients
            for row in of.rows
            if row.day
        ]

    def confirmed(self) -> dict[UUID, list[UUID]]:
        """Return by client whom the preview named as readers."""
        return {key: [user.pk for user in users] for key, users in self.readers.items()}


class Caseload:
    """Whom this person has in care, by what a list or a file name may call them."""

    def __init__(self, listed: Iterable[ListedClient]) -> None:
        self._called: dict[tuple[str, ...], list[ListedClient]] = defaultdict(list)
        for row in listed:
            for name in {_words(row.client.code), *(_names(row) if row.contact else ())} - {()}:
                self._called[name].append(row)

    def find(self, names: Sequence[str]) -> ListedClient | str:
        """Return whom a note is about, or why nobody can be said."""
        found = {row.client.pk: row for name in names for row in self._called.get(_words(name), ())}
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            return "More than one client in your care could be meant. Write the client’s code in the name instead."
        if not names:
            return "Nothing in it says whom it is about. Write the client’s name or code in its name or folder."
        return f"Nobody in your care is called {' or '.join(f'“{name}”' for name in names[:2])}."


def look_through_past(*, by: Actor, pieces: Sequence[Piece], days: Mapping[int, date], at: datetime) -> PastListing:
    """Hold pieces to one's own caseload and to what is there already; the looks at both are recorded.

    :param days: by the number of a piece, the day that was chosen in the preview
    """
    caseload = Caseload(browse_clients(by=by, at=at))
    rows = [_place(number, piece, caseload, days) for number, piece in enumerate(pieces)]
    clients = {row.client.client.pk: row.client.client for row in rows if row.client}
    known = known_marks(by=by, clients=clients.values(), at=at)
    is_new = waiting_for_key(by=by, client_ids=list(clients))
    rows = list(_once(rows, known, is_new))
    named = {row.client.client.pk for row in rows if row.client}
    begun = [clients[key] for key in named if is_new[key]]
    return PastListing(rows, readers_of_new(by=by, clients=begun), len(begun))


def pack(pieces: Sequence[Piece], *, by: Actor) -> str:
    """Write pieces for the preview to carry. Only this server's own hand comes back, and only from the same person.

    :raises NotReadable: they are more than a form may carry
    """
    parcel = signing.dumps([asdict(piece) for piece in pieces], salt=_salt(by), compress=True)
    if len(parcel) > _LARGEST_PARCEL:
        raise NotReadable(
            "Together these notes are longer than what is taken at a time: about two megabytes of text. Please bring "
            "them in parts; what is here already is left out by itself."
        )
    return parcel


def open_parcel(parcel: str, *, by: Actor) -> list[Piece]:
    """Read what :func:`pack` wrote.

    :raises NotReadable: altered, somebody else's, or too old
    """
    try:
        pieces = signing.loads(parcel, salt=_salt(by), max_age=_LASTS)
    except signing.BadSignature as error:
        raise NotReadable("Please choose the files once more. Nothing was brought in.") from error
    return [Piece(**{**piece, "names": tuple(piece["names"])}) for piece in pieces]


def _salt(by: Actor) -> str:
    return f"practice.importing.past:{by.user.pk}"


def _place(number: int, piece: Piece, caseload: Caseload, days: Mapping[int, date]) -> PastRow:
    if piece.problem:
        return PastRow(number, piece, problem=piece.problem)
    found = caseload.find(piece.names)
    if isinstance(found, str):
        return PastRow(number, piece, problem=found)
    return PastRow(number, piece, found, date.fromisoformat(piece.day) if piece.day else days.get(number))


def _once(rows: Iterable[PastRow], known: Mapping[UUID, set[bytes]], is_new: Mapping[UUID, bool]) -> Iterator[PastRow]:
    """Leave out what is here already, what stands there twice, and what nobody could seal."""
    met: dict[UUID, set[bytes]] = defaultdict(set)
    undated = 0
    for row in rows:
        if row.client is None:
            yield row
            continue
        key, problem = row.client.client.pk, ""
        mark = _mark_of(row, key)
        if key not in is_new:
            problem = "You wait for the key of this record. Ask the colleague who holds it to share it with you."
        elif mark and mark in known.get(key, ()):
            problem = "Here already: a past note of this day with this very text."
        elif mark and mark in met[key]:
            problem = "It stands here twice: this day and this very text."
        elif not row.day and (undated := undated + 1) > _MOST_UNDATED:
            problem = "Nothing in it says when it was. Write the day into its name, as 2024-03-01."
        met[key] |= {mark} if mark else set()
        yield PastRow(row.number, row.piece, problem=problem) if problem else row


def _mark_of(row: PastRow, client_id: UUID) -> bytes:
    return PastNote(client_id, row.day, row.piece.text, "", "").mark if row.day else b""


def _names(row: ListedClient) -> Iterator[tuple[str, ...]]:
    if row.contact:
        yield _words(row.contact.name)
        yield _words(row.contact.reference)


def _words(name: str) -> tuple[str, ...]:
    """Return what a name consists of, in whichever order: file names put the family first."""
    return tuple(sorted(_WORD.findall(fold(name))))
