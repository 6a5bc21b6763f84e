"""Reading the log: what a page shows comes from an entry's own bytes, and a row that disagrees says so."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from audit.acts import Act, Outcome
from audit.canonical import NotCanonical, leaf_hash
from audit.client_words import SHOWN_TO_CLIENT
from audit.entries import index_columns, read_body, subject_handles, uid_of
from audit.mac import mac_is_good
from audit.models import Entry, EntrySubject


@dataclass(frozen=True)
class LogEntry:
    """One line of the log. `sha256` (hex) is of the ciphertext or the file that it commits to, if it does.

    `altered` means that the row is not what the application wrote: the bytes, a column or the
    mark of the application disagree. What can still be read of it is shown all the same.
    """

    entry_id: int
    uid: UUID
    at: datetime
    action: str
    actor_id: str
    role: str
    outcome: str
    target_type: str = ""
    target_uuid: UUID | None = None
    revision: int | None = None
    fields: tuple[str, ...] = ()
    subjects: tuple[bytes, ...] = ()
    basis: str = ""
    basis_id: UUID | None = None
    purpose: str = ""
    session_handle: str = ""
    request_id: str = ""
    net: str = ""
    device: str = ""
    sha256: str = ""
    altered: bool = False


@dataclass(frozen=True)
class Page:
    """Some entries, newest first, and where the older ones begin (none: these are the last)."""

    entries: tuple[LogEntry, ...]
    before: int | None


@dataclass(frozen=True)
class Filters:
    """Which entries to show; what is left out does not narrow. Days are inclusive, in the current time zone."""

    acts: frozenset[Act] = frozenset()
    actor_id: str | None = None
    role: str = ""
    outcome: Outcome | None = None
    subject: bytes | None = None
    target_uuid: UUID | None = None
    first_date: date | None = None
    last_date: date | None = None


@dataclass(frozen=True)
class Unseen:
    """Whom a reader of the log must not learn of: what is about them alone is left out, and lists lose them.

    :ivar handles: the log handles of those clients
    :ivar ids: their accounts and invitations, as actors or as what was acted upon
    :ivar refused: actors with what was refused to them: a refusal names the client's page and has no subject
    """

    handles: frozenset[bytes] = frozenset()
    ids: frozenset[UUID] = frozenset()
    refused: frozenset[tuple[str, UUID]] = frozenset()

    def leave_of(self, entry: LogEntry) -> LogEntry | None:
        """Return what may be shown of an entry. What the database says besides its bytes hides none."""
        rest = tuple(handle for handle in entry.subjects if handle not in self.handles)
        if (entry.subjects and not rest) or self._names(entry):
            return None
        return replace(entry, subjects=rest)

    def _names(self, entry: LogEntry) -> bool:
        actor = {f"u_{one}" for one in self.ids}
        is_refused = entry.target_uuid is not None and (entry.actor_id, entry.target_uuid) in self.refused
        return entry.actor_id in actor or entry.target_uuid in self.ids or is_refused


NOBODY_UNSEEN = Unseen()


def browse_log(
    filters: Filters | None = None, *, before: int | None = None, size: int = 50, unseen: Unseen = NOBODY_UNSEEN
) -> Page:
    """Read one page of the log, newest first.

    :param before: `Page.before` of the page above; pages by key stay as fast at the far end
    """
    chosen = filters or Filters()
    handles = frozenset([chosen.subject]) if chosen.subject else None
    return _page(_chosen(chosen), handles, before=before, size=size, unseen=unseen)


def count_entries(filters: Filters, *, unseen: Unseen = NOBODY_UNSEEN) -> int:
    """Count the entries that the filters leave."""
    rows = _chosen(filters)
    found = Q(pk__in=EntrySubject.objects.filter(handle__in=unseen.handles).values("entry_id"))
    found |= Q(obj_id__in=unseen.ids) | Q(actor_id__in=[f"u_{one}" for one in unseen.ids])
    found |= Q(obj_id__in=[thing for _, thing in unseen.refused])
    left_out = rows.filter(found) if unseen != NOBODY_UNSEEN else rows.none()
    return rows.count() - sum(unseen.leave_of(_parse(row)) is None for row in left_out)


def looks_at(handles: Iterable[bytes], *, before: int | None = None, size: int = 50) -> Page:
    """Read one page of what was done with a client's record, for the client.

    :param handles: the client's log handles
    """
    wanted = frozenset(handles)
    rows = _about(Entry.objects.filter(action__in=SHOWN_TO_CLIENT), wanted)
    return _page(rows, wanted, before=before, size=size)


def read_entry(uid: UUID, *, unseen: Unseen = NOBODY_UNSEEN) -> LogEntry | None:
    """Read one entry by its own id; none if there is no such entry, or none to be shown."""
    row = Entry.objects.filter(uid=uid).first()
    return unseen.leave_of(_parse(row)) if row else None


def _chosen(filters: Filters) -> QuerySet[Entry]:
    narrowing: dict[str, Any] = {
        "action__in": filters.acts,
        "actor_id": filters.actor_id,
        "role": filters.role,
        "outcome": filters.outcome,
        "obj_id": filters.target_uuid,
        "at__gte": filters.first_date and _midnight(filters.first_date),
        "at__lt": filters.last_date and _midnight(filters.last_date + timedelta(days=1)),
    }
    rows = Entry.objects.filter(**{field: value for field, value in narrowing.items() if value})
    return _about(rows, frozenset([filters.subject])) if filters.subject else rows


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


def _about(rows: QuerySet[Entry], handles: frozenset[bytes]) -> QuerySet[Entry]:
    return rows.filter(pk__in=EntrySubject.objects.filter(handle__in=handles).values("entry_id"))


def _page(
    rows: QuerySet[Entry],
    handles: frozenset[bytes] | None,
    *,
    before: int | None,
    size: int,
    unseen: Unseen = NOBODY_UNSEEN,
) -> Page:
    found = list(islice(_shown(rows, before, size + 1, unseen), size + 1))
    shown = tuple(_with_subject_checked(entry, handles) for entry in found[:size])
    return Page(shown, before=shown[-1].entry_id if len(found) > size else None)


def _shown(rows: QuerySet[Entry], before: int | None, size: int, unseen: Unseen) -> Iterator[LogEntry]:
    """Read batch by batch what may be shown, newest first."""
    while True:
        below = rows if before is None else rows.filter(pk__lt=before)
        batch = [_parse(row) for row in below.order_by("-pk")[:size]]
        yield from (entry for one in batch if (entry := unseen.leave_of(one)))
        if len(batch) < size:
            return
        before = batch[-1].entry_id


def _with_subject_checked(entry: LogEntry, handles: frozenset[bytes] | None) -> LogEntry:
    # The subject table only finds entries; one that it finds under the wrong client is a lie told there.
    if handles is None or handles.intersection(entry.subjects):
        return entry
    return replace(entry, altered=True)


def _parse(row: Entry) -> LogEntry:
    body = bytes(row.body)
    try:
        facts = read_body(body)
        columns = index_columns(facts)
        entry = _from_body(row.pk, body, facts)
    except (NotCanonical, LookupError, TypeError, ValueError):
        return _from_columns(row)
    stored = {name: getattr(row, name) for name in columns} | {"uid": row.uid, "leaf": bytes(row.leaf)}
    written = columns | {"uid": entry.uid, "leaf": leaf_hash(body)}
    return replace(entry, altered=stored != written or not mac_is_good(body, row.mac))


def _from_body(entry_id: int, body: bytes, facts: dict[str, Any]) -> LogEntry:
    obj = facts["obj"] or {"rev": None, "fields": ()}
    basis = facts["basis"] or {"kind": "", "id": None}
    columns = index_columns(facts)
    return LogEntry(
        entry_id=entry_id,
        uid=uid_of(leaf_hash(body)),
        at=columns["at"],
        action=columns["action"],
        actor_id=columns["actor_id"],
        role=columns["role"],
        outcome=columns["outcome"],
        target_type=columns["obj_type"],
        target_uuid=columns["obj_id"],
        revision=obj["rev"],
        fields=tuple(obj["fields"]),
        subjects=tuple(subject_handles(facts)),
        basis=basis["kind"],
        basis_id=UUID(basis["id"]) if basis["id"] else None,
        purpose=facts["purpose"] or "",
        session_handle=facts["actor"]["sess"],
        request_id=facts["req"],
        net=facts["src"]["net"],
        device=facts["src"]["device"],
        sha256=base64.b64decode(facts["enc"]["h"]).hex() if facts["enc"] else "",
    )


def _from_columns(row: Entry) -> LogEntry:
    return LogEntry(
        entry_id=row.pk,
        uid=row.uid,
        at=row.at,
        action=row.action,
        actor_id=row.actor_id,
        role=row.role,
        outcome=row.outcome,
        target_type=row.obj_type,
        target_uuid=row.obj_id,
        altered=True,
    )
