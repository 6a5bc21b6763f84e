"""Who opened my record: the log as the client reads it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from access.services.people import names_of_staff
from audit.acts import Act, Purpose
from audit.services import LogEntry, looks_at, record_look
from audit.words import SHOWN_TO_CLIENT, client_sentence, client_writing, outcome_word
from clients.services.covers import Window, windows_of
from clients.services.custody import custody_windows_of
from clients.services.finding import names_of_carers
from clients.services.purposes import purpose_of

if TYPE_CHECKING:
    from clients.models import Client

_ROLES: Mapping[str, str] = {
    Role.THERAPIST: "therapist",
    Role.MANAGER: "manager of the practice",
    Role.AUDITOR: "auditor of the access log",
}
_WHY: Mapping[str, str] = {
    Purpose.TREATMENT: "to look after you",
    Purpose.EMERGENCY_TREATMENT: "because of an emergency",
    Purpose.OPERATIONS: "to run the practice",
    Purpose.ADMINISTRATION: "to look after the computer system",
}


# Lists are opened many times a day, and would bury what somebody really read. What a client wants to talk about stands
# on the therapist's first page.
_LISTS = frozenset(
    {
        Act.CLIENT_LISTED,
        Act.NOTE_LISTED,
        Act.NOTE_SEARCHED,
        Act.LOG_VIEWED_OWN,
        Act.CONSENT_ANSWERS_READ,
        Act.MEASURE_CHECKED,
    }
)
# Writing one note is many entries, and what counts is that it was written, not each key that was pressed.
_WRITING = frozenset({Act.DRAFT_BEGUN, Act.DRAFT_OPENED, Act.DRAFT_REDATED})


@dataclass(frozen=True)
class Look:
    """One thing that was done with the record. `outcome` is a word only if it did not simply succeed.

    `folded` holds the looks of one day that are told as one, newest first, this one included; else nothing.
    """

    at: datetime
    who: str
    role: str
    what: str
    why: str
    outcome: str
    altered: bool
    folded: tuple["Look", ...] = ()


@dataclass(frozen=True)
class LooksPage:
    """Some looks, newest first, and where the older ones begin (none: these are the last)."""

    looks: list[Look]
    before: int | None


def browse_looks(*, by: Actor, client: "Client", before: int | None, at: datetime) -> LooksPage:
    """Read one page of what was done with a record of one's own; that one looked is an entry as well.

    :param before: `LooksPage.before` of the page above
    """
    handles = [client.audit_handle]
    record_look(Act.LOG_VIEWED_OWN, by=by, subjects=handles, purpose=purpose_of(by), at=at)
    page = looks_at(handles, before=before)
    names = names_of_staff({user_id for entry in page.entries if (user_id := _user_id(entry))})
    carers = names_of_carers({entry.target_uuid for entry in page.entries if entry.target_uuid})
    windows = [*windows_of(client), *custody_windows_of(client)]
    looks = ((entry, _look(entry, by, names, carers, _why(entry, windows))) for entry in page.entries)
    return LooksPage(list(_folded(looks)), page.before)


def _folded(looks: Iterable[tuple[LogEntry, Look]]) -> Iterator[Look]:
    """Make one line of what one person did again and again on one day; it stands where the newest stood."""
    alike: dict[Hashable, list[tuple[LogEntry, Look]]] = {}
    for entry, look in looks:
        alike.setdefault(_likeness(entry, look), []).append((entry, look))
    for [(entry, newest), *others] in alike.values():
        if not others:
            yield newest
            continue
        what = client_writing(entry.target_type) if entry.action in _WRITING else newest.what
        yield replace(newest, what=what, folded=(newest, *(look for _, look in others)))


def _likeness(entry: LogEntry, look: Look) -> Hashable:
    # A line that is not as it should be stands alone, whatever it says.
    if look.altered or look.outcome:
        return entry.entry_id
    who = (timezone.localdate(look.at), entry.actor_id, look.role, look.why)
    if entry.action in _WRITING:
        return (*who, entry.target_type, entry.target_uuid)
    return (*who, look.what) if entry.action in _LISTS else entry.entry_id


def _why(entry: LogEntry, windows: Sequence[Window]) -> str:
    for window in windows:
        if _user_id(entry) == window.colleague and window.opened_at <= entry.at < window.closed_at:
            return window.why
    return _WHY.get(entry.purpose, "")


def _look(entry: LogEntry, by: Actor, names: dict[UUID, str], carers: Mapping[UUID | None, str], why: str) -> Look:
    known = entry.action in SHOWN_TO_CLIENT
    therapist = carers.get(entry.target_uuid, "you" if entry.action == Act.KEY_SHARED else "a therapist")
    return Look(
        at=entry.at,
        who=_who(entry, by, names),
        role=_ROLES.get(entry.role, ""),
        what=client_sentence(entry.action, entry.target_type, therapist=therapist)
        if known
        else "did something this page cannot name",
        why=why,
        outcome=outcome_word(entry.outcome),
        altered=entry.altered,
    )


def _who(entry: LogEntry, by: Actor, names: dict[UUID, str]) -> str:
    if entry.actor_id == by.audit_id:
        return "You"
    user_id = _user_id(entry)
    if user_id is None:
        return "The practice’s computer"
    # Clients have no name in the clear; whoever else is behind an id here is nobody this page can name.
    return names.get(user_id) or "Someone who is not on the staff"


def _user_id(entry: LogEntry) -> UUID | None:
    try:
        return UUID(entry.actor_id.removeprefix("u_"))
    except ValueError:
        return None
