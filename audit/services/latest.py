"""When something last happened, and to whom."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from audit.acts import Act, Outcome
from audit.models import Entry, EntrySubject


def last_time(act: Act) -> datetime | None:
    """Say when an act last succeeded, as far as this log knows."""
    rows = Entry.objects.filter(action=act, outcome=Outcome.OK).order_by("-id")
    return rows.values_list("at", flat=True).first()


def count_since_look(act: Act, *, targets: Iterable[UUID], look: Act, target: UUID, actor_id: str) -> int:
    """Count the acts upon `targets` that somebody's last look at `target` does not cover, by the log's order."""
    looks = Entry.objects.filter(action=look, obj_id=target, actor_id=actor_id, outcome=Outcome.OK)
    last = looks.order_by("-id").values_list("id", flat=True).first() or 0
    return Entry.objects.filter(action=act, obj_id__in=targets, outcome=Outcome.OK, id__gt=last).count()


def handles_named(act: Act, *, targets: Iterable[UUID]) -> set[bytes]:
    """List the log handles in the entries of an act upon `targets`: a destroyed record's is in no other table."""
    done = Entry.objects.filter(action=act, obj_id__in=targets, outcome=Outcome.OK).values("pk")
    return {bytes(row) for row in EntrySubject.objects.filter(entry_id__in=done).values_list("handle", flat=True)}
