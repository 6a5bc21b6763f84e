"""Who is expected: the next session that the last note names, until something is written about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime

from access.acting import Actor
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.finding import drafts_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

AnyWritten = TypeVar("AnyWritten", Note, Draft)
# The next days, and how long a session without a note is still asked about.
_AHEAD, _ASKED_FOR = timedelta(days=7), timedelta(days=14)
# A session may be written down while it runs, and a little before.
_WRITTEN_BEFORE = timedelta(hours=1)
# About a session that was to be: the date that these name is the next one, and if they name none, there is none.
_INSTEAD_OF_A_SESSION = frozenset({NoteKind.NO_SHOW, NoteKind.LATE_CANCEL, NoteKind.CLOSING})


@dataclass(frozen=True)
class Expected:
    """Who comes when, as the author's last note about them says.

    :param minutes: how long the last session took
    :param place: where it was; this one is begun with the same
    """

    client_id: UUID
    next_at: datetime
    minutes: int | None
    place: str
    at: datetime

    @property
    def is_today(self) -> bool:
        """Whether it is on this day of the practice's clock."""
        return localtime(self.next_at).date() == localtime(self.at).date()

    @property
    def may_be_written(self) -> bool:
        """Whether it has begun, or is about to."""
        return self.next_at <= self.at + _WRITTEN_BEFORE

    @property
    def is_missed(self) -> bool:
        """Whether its day is over."""
        return localtime(self.next_at).date() < localtime(self.at).date()

    @property
    def proposal(self) -> str:
        """What the page that begins a note fills in, as an address has it."""
        moment = localtime(self.next_at).strftime("%Y-%m-%dT%H:%M")
        said = {"kind": NoteKind.SESSION.value, "session_at": moment, "minutes": self.minutes, "place": self.place}
        return urlencode({name: value for name, value in said.items() if value})


def look_for_expected(*, by: Actor, clients: Sequence[UUID], at: datetime) -> list[Expected]:
    """List who is expected within a week, and who was within two without a note since; the earliest first.

    Nothing is opened: when a session is stands in the clear, like when it was.

    :param clients: those in this person's care; only their own notes and drafts count
    """
    soon = Q(client__in=clients, next_at__gt=at - _ASKED_FOR, next_at__lt=at + _AHEAD)
    named: list[Note | Draft] = [*_latest(_notes(by), by).filter(soon), *_latest(_drafts(by), by).filter(soon)]
    # Of two about the same minute the one that was written last counts.
    named.sort(key=_written_at)
    found = [Expected(row.client_id, row.next_at, row.minutes, row.place, at) for row in named if row.next_at]
    return sorted({one.client_id: one for one in found}.values(), key=attrgetter("next_at"))


def _latest(rows: "QuerySet[AnyWritten]", by: Actor) -> "QuerySet[AnyWritten]":
    # A session in between, as one together with others, is not the one that is expected.
    was_it = Q(kind=NoteKind.SESSION, session_at__date__gte=OuterRef("day"))
    says = Q(next_at__isnull=False) | Q(kind__in=_INSTEAD_OF_A_SESSION) | was_it
    later = {"client": OuterRef("client"), "session_at__gt": OuterRef("session_at")}
    after = [Exists(those.filter(says, **later)) for those in (_notes(by), _drafts(by))]
    return rows.alias(day=TruncDate("next_at")).filter(~after[0], ~after[1])


def _written_at(row: Note | Draft) -> datetime:
    return row.signed_at if isinstance(row, Note) else row.saved_at


def _notes(by: Actor) -> "QuerySet[Note]":
    return Note.objects.filter(author=by.user, withdrawal=None)


def _drafts(by: Actor) -> "QuerySet[Draft]":
    return drafts_of(by).filter(amends=None)
