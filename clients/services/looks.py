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
from audit.client_words import SHOWN_TO_CLIENT, client_sentence, client_writing
from audit.services import LogEntry, looks_at, record_look
from audit.words import outcome_word, with_lateness
from clients.services.covers import Window, windows_of
from clients.services.custody import custody_windows_of
from clients.services.finding import names_of_carers
from clients.services.purposes import purpose_of
from clients.services.supervised import supervision_windows_of
from clients.services.units import Belongings, belongings_of

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
    Purpose.RECORD_MANAGEMENT: "to keep the practice’s files",
    Purpose.LEGAL: "because the law demands it",
}
# What somebody else does at the client's request; nobody needs telling why they look at a page of their own.
_ASKED = "because you asked for it"


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
_WRITING = frozenset(
    {Act.DRAFT_BEGUN, Act.DRAFT_OPENED, Act.DRAFT_REDATED, Act.DRAFT_LOOKED_BACK, Act.DRAFT_BROUGHT_BACK}
)

_FILES = frozenset({Act.EXPORT_DONE, Act.OWN_EXPORT_DONE})


@dataclass(frozen=True)
class Look:
    """One thing that was done with the record. `outcome` is a word only if it did not simply succeed.

    `file` is the SHA-256, in hex, of what was handed out. `together` is the kind of a common record that it was done
    with, such as "couple"; empty where it was the client's own.

    `folded` holds the looks of one day that are told as one, newest first, this one included; else nothing.
    """

    at: datetime
    who: str
    role: str
    what: str
    why: str
    outcome: str
    altered: bool
    file: str = ""
    together: str = ""
    folded: tuple["Look", ...] = ()


@dataclass(frozen=True)
class LooksPage:
    """Some looks, newest first, and where the older ones begin (none: these are the last)."""

    looks: list[Look]
    before: int | None


def browse_looks(*, by: Actor, client: "Client", before: int | None, at: datetime) -> LooksPage:
    """Read one page of what was done with a record of one's own; that one looked is an entry as well.

    With it, what was done with the record of a couple, family or group as long as this client belonged there. In the
    client's own file it is not: that record is not theirs alone.

    :param before: `LooksPage.before` of the page above
    """
    record_look(Act.LOG_VIEWED_OWN, by=by, subjects=[client.audit_handle], purpose=purpose_of(by), at=at)
    belongs = belongings_of(client)
    told, before = _page_of(client, belongs, before)
    looks = _told(told, client, windows=_windows(client))
    common = ((entry, replace(look, together=_together(entry, client, belongs))) for entry, look in looks)
    return LooksPage(list(_folded(common)), before)


def every_look(*, client: "Client") -> Iterator[tuple[LogEntry, Look]]:
    """Go through all that was done with a record, the newest first, nothing folded, as its client is told of it.

    Belongs behind the look of whoever asks.
    """
    windows, before = _windows(client), None
    while True:
        page = looks_at([client.audit_handle], before=before)
        yield from _told(page.entries, client, windows=windows)
        if page.before is None:
            return
        before = page.before


def _page_of(client: "Client", belongs: Belongings, before: int | None) -> tuple[list[LogEntry], int | None]:
    """Read on until something may be told, or nothing is left."""
    while True:
        page = looks_at([client.audit_handle, *belongs], before=before)
        told = [entry for entry in page.entries if _is_of_their_time(entry, client, belongs)]
        before = page.before
        if told or before is None:
            return told, before


def _is_of_their_time(entry: LogEntry, client: "Client", belongs: Belongings) -> bool:
    # A line that is not as it should be is shown wherever it was found.
    if entry.altered or client.audit_handle in entry.subjects:
        return True
    members = [member for handle in entry.subjects for member in belongs.get(handle, ())]
    return any(
        member.joined_at <= entry.at and (member.left_at is None or entry.at < member.left_at) for member in members
    )


def _together(entry: LogEntry, client: "Client", belongs: Belongings) -> str:
    if client.audit_handle in entry.subjects:
        return ""
    return next((belongs[handle][0].unit.kind for handle in entry.subjects if handle in belongs), "")


def _windows(client: "Client") -> list[Window]:
    # What the entry itself says goes before what only the time tells.
    return [*supervision_windows_of(client), *windows_of(client), *custody_windows_of(client)]


def _told(
    entries: Sequence[LogEntry], client: "Client", *, windows: Sequence[Window]
) -> Iterator[tuple[LogEntry, Look]]:
    names = names_of_staff({user_id for entry in entries if (user_id := account_of(entry))})
    carers = names_of_carers({entry.target_uuid for entry in entries if entry.target_uuid})
    for entry in entries:
        # A colleague's time in a record says nothing of what they did in another, which several people have in common.
        own = windows if client.audit_handle in entry.subjects else ()
        yield entry, _look(entry, client, names, carers, _why(entry, own))


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
    who = (timezone.localdate(look.at), entry.actor_id, look.role, look.why, look.together)
    if entry.action in _WRITING:
        return (*who, entry.target_type, entry.target_uuid)
    return (*who, look.what) if entry.action in _LISTS else entry.entry_id


def _why(entry: LogEntry, windows: Sequence[Window]) -> str:
    for window in windows:
        if _falls_into(window, entry):
            return window.why
    if entry.purpose == Purpose.CLIENT_REQUEST:
        return "" if entry.role == Role.CLIENT else _ASKED
    return _WHY.get(entry.purpose, "")


def _falls_into(window: Window, entry: LogEntry) -> bool:
    is_theirs = account_of(entry) == window.colleague and window.basis in ("", entry.basis)
    return is_theirs and window.opened_at <= entry.at < window.closed_at


def _look(
    entry: LogEntry, client: "Client", names: dict[UUID, str], carers: Mapping[UUID | None, str], why: str
) -> Look:
    known = entry.action in SHOWN_TO_CLIENT
    therapist = carers.get(entry.target_uuid, "you" if entry.action == Act.KEY_SHARED else "a therapist")
    return Look(
        at=entry.at,
        who=_who(entry, client, names),
        role=_ROLES.get(entry.role, ""),
        what=with_lateness(client_sentence(entry.action, entry.target_type, therapist=therapist), entry.fields)
        if known
        else "did something this page cannot name",
        why=why,
        outcome=outcome_word(entry.outcome),
        altered=entry.altered,
        file=entry.sha256 if entry.action in _FILES else "",
    )


def _who(entry: LogEntry, client: "Client", names: dict[UUID, str]) -> str:
    user_id = account_of(entry)
    if user_id is None:
        return "The practice’s computer"
    if user_id == client.user_id:
        return "You"
    # Clients have no name in the clear; whoever else is behind an id here is nobody this page can name.
    return names.get(user_id) or "Someone who is not on the staff"


def account_of(entry: LogEntry) -> UUID | None:
    """Give the account that acted, if any account did."""
    try:
        return UUID(entry.actor_id.removeprefix("u_"))
    except ValueError:
        return None
