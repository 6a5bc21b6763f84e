"""From entries to lines of a page: names for staff, codes for clients, plain words for the rest."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.utils import timezone
from django.utils.text import capfirst

from access.acting import Actor
from access.roles import Role
from access.services.people import names_of_invited, names_of_staff
from audit.acts import Act, Ground, Outcome, Purpose
from audit.services import LogEntry
from audit.words import outcome_word, staff_sentence, with_lateness
from clients.services.finding import codes_of, names_of_carers
from practice.gate import NO_RECORD
from practice.log.filters import ROLE_WORDS

_MANY = 3
_UNNAMED = "a client whose code is not shown here"
_THINGS: Mapping[str, str] = {
    "access.practice": "The practice",
    "access.user": "A person's account",
    "access.invitation": "An invitation",
    "attachments.attachment": "A file in a record",
    "audit.entry": "An entry of this log",
    "clients.care": "A therapist's care of a client",
    "clients.client": "A client's record",
    "clients.cover": "A colleague's cover of a client",
    "clients.opening": "An opening of a record under cover",
    "clients.supervised": "What a supervisor may read",
    "consent.version": "A version of the limits of confidentiality",
    "consent.event": "A step of a client's consent",
    "consent.record": "A signed consent",
    "measures.measure": "A questionnaire",
    "plans.plan": "A treatment plan",
    "notes.caseload": "The notes about everybody in this person's care",
    "notes.draft": "A draft",
    "notes.note": "A progress note",
    "notes.process_note": "A process note",
    "notes.addendum": "An addendum to a progress note",
    "notes.process_addendum": "An addendum to a process note",
    "notes.import": "Past notes, brought in together",
}
_PURPOSES: Mapping[str, str] = {
    Purpose.TREATMENT: "Treatment of the client",
    Purpose.EMERGENCY_TREATMENT: "Emergency treatment of the client",
    Purpose.OPERATIONS: "Running the practice",
    Purpose.ADMINISTRATION: "Looking after the computer system",
    Purpose.CLIENT_REQUEST: "At the client's own request",
    Purpose.RECORD_MANAGEMENT: "Keeping the practice’s files",
    Purpose.LEGAL: "What the law demands",
}
_GROUNDS: Mapping[str, str] = {
    Ground.CARE: "The client was in this person's care",
    Ground.OWN_RECORD: "It is this person's own record",
    Ground.ROLE: "The role allows it",
    Ground.INVITATION: "There was an invitation",
    Ground.CONSENT: "The client had signed the limits of confidentiality",
    Ground.ELSEWHERE: "The client had signed before, elsewhere",
    Ground.IMPORTED: "It was written before, elsewhere, and brought in",
    Ground.OVERRIDE: "An emergency reason was given",
    Ground.COVER: "A colleague had arranged cover, and a reason was given",
    Ground.CUSTODY: "A therapist’s will was released, by two people and after the waiting time",
    Ground.SUPERVISION: "A therapist in training had given it to their supervisor",
}
_DEVICES: Mapping[str, str] = {"phone": "Phone", "computer": "Computer"}
_TO_LOOK_AT = frozenset({Act.OVERRIDE_OPENED, Act.COVER_OPENED, Act.CUSTODY_ASKED, Act.KEY_REFUSED})
_FILES = frozenset({Act.EXPORT_DONE, Act.OWN_EXPORT_DONE})
# Whoever reads the log writes it full of this, and each step of a form is an entry: they would bury the rest.
_FOLDED = frozenset({Act.LOG_VIEWED, Act.CONSENT_SECTION_DONE, Act.MEASURE_OPENED})


@dataclass(frozen=True)
class Line:
    """One entry in words.

    `colleague` is whom of the staff it was done to, if anybody but oneself. `outcome` is empty for what simply
    succeeded, `starts` is the day, on its first line. `folded` holds the lines
    that say the same but for their time and came right after one another, this newest one included; else nothing.
    """

    entry: LogEntry
    who: str
    role: str
    what: str
    clients: tuple[str, ...]
    colleague: str
    outcome: str
    starts: date | None = None
    folded: tuple["Line", ...] = ()

    @property
    def at(self) -> datetime:
        """The moment, in the practice's time zone."""
        return timezone.localtime(self.entry.at)

    @property
    def record(self) -> str:
        """Name the colleague or the clients it is about, or how many of these there are."""
        if self.colleague:
            return self.colleague
        if len(self.clients) > _MANY:
            return f"{len(self.clients)} clients"
        return capfirst(", ".join(self.clients))

    @property
    def device(self) -> str:
        """Say on what kind of device, or in whose absence where from."""
        return _DEVICES.get(self.entry.device, "")

    @property
    def about(self) -> UUID | None:
        """Give the id of the thing it is about, by which other entries about it are found."""
        return self.entry.target_uuid if self.entry.target_uuid != NO_RECORD else None

    @property
    def needs_attention(self) -> bool:
        """Tell what a reviewer should stop at."""
        entry = self.entry
        return entry.altered or entry.outcome == Outcome.DENIED or entry.action in _TO_LOOK_AT


def lines_of(entries: Sequence[LogEntry], *, by: Actor) -> list[Line]:
    """Put entries into words, those that only repeat folded into one; each first line of a day carries its day."""
    targets = {entry.target_uuid for entry in entries if entry.target_uuid}
    actors = {user_id for entry in entries if (user_id := _user_id(entry))}
    names = names_of_staff(actors | targets) | names_of_invited(targets)
    codes = codes_of([handle for entry in entries for handle in entry.subjects], by=by)
    carers = names_of_carers(targets)
    alone = [_line(entry, names, codes, carers) for entry in entries]
    folded = [_fold(list(alike)) for _, alike in groupby(alone, key=_told)]
    lines: list[Line] = []
    for day, of_day in groupby(folded, key=lambda line: line.at.date()):
        first, *others = of_day
        lines += [replace(first, starts=day), *others]
    return lines


def facts_of(line: Line) -> list[tuple[str, Iterable[str]]]:
    """List all that an entry says, label by label; what it does not say is left out."""
    entry = line.entry
    facts: list[tuple[str, Iterable[str]]] = [
        ("Who", [f"{line.who}, {line.role}" if line.role else line.who]),
        ("What happened", [line.what]),
        ("How it ended", [capfirst(line.outcome) or "Done"]),
        ("About", [line.colleague] if line.colleague else [capfirst(client) for client in line.clients]),
        ("Kind of thing", [_THINGS.get(entry.target_type, _page_word(entry.target_type))] if entry.target_type else []),
        ("Its reference", [str(line.about)] if line.about else []),
        ("Its version", [str(entry.revision)] if entry.revision is not None else []),
        ("Parts named", [name.replace("_", " ") for name in entry.fields]),
        (_hash_of(entry), [entry.sha256] if entry.sha256 else []),
        ("Why it was allowed", [_GROUNDS.get(entry.basis, entry.basis)] if entry.basis else []),
        ("Purpose", [_PURPOSES.get(entry.purpose, entry.purpose)] if entry.purpose else []),
        ("Kind of device", [line.device] if line.device else []),
        ("Network", [f"{entry.net} (a neighbourhood of addresses, never one)"] if entry.net else []),
        ("Session", [entry.session_handle] if entry.session_handle else []),
        ("Request", [entry.request_id] if entry.request_id else []),
        ("Reference of this entry", [str(entry.uid)]),
    ]
    return [(label, said) for label, said in facts if said]


def _hash_of(entry: LogEntry) -> str:
    return "SHA-256 of the file" if entry.action in _FILES else "SHA-256 of what was sealed"


def _told(line: Line) -> Hashable:
    """Say what two lines must share to be one; what is not to be folded shares it with no other."""
    entry = line.entry
    if entry.action not in _FOLDED or line.needs_attention:
        return entry.entry_id
    who = (entry.actor_id, entry.role, entry.session_handle, entry.net, entry.device)
    return (line.at.date(), *who, entry.action, entry.subjects, entry.target_type, entry.target_uuid, entry.outcome)


def _fold(alike: list[Line]) -> Line:
    newest = alike[0]
    return replace(newest, folded=tuple(alike)) if len(alike) > 1 else newest


def _line(
    entry: LogEntry, names: Mapping[UUID, str], codes: Mapping[bytes, str], carers: Mapping[UUID | None, str]
) -> Line:
    clients = _clients(entry, codes)
    # What is about a client's own key names no therapist.
    therapist = carers.get(entry.target_uuid, "the client" if entry.action == Act.KEY_SHARED else "a therapist")
    return Line(
        entry=entry,
        who=_who(entry, names, clients),
        role="" if entry.role in (Role.CLIENT, "nobody", "system") else ROLE_WORDS.get(entry.role, entry.role),
        what=capfirst(
            with_lateness(staff_sentence(entry.action, entry.target_type, therapist=therapist), entry.fields)
        ),
        clients=clients,
        colleague=_colleague(entry, names),
        outcome=outcome_word(entry.outcome),
    )


def _clients(entry: LogEntry, codes: Mapping[bytes, str]) -> tuple[str, ...]:
    named = sorted(f"client {codes[handle]}" for handle in entry.subjects if handle in codes)
    # Whose record is hidden, or was destroyed, is not said; that it is somebody's is.
    unnamed = len(entry.subjects) - len(named)
    return (*named, *[_UNNAMED] * unnamed)


def _who(entry: LogEntry, names: Mapping[UUID, str], clients: tuple[str, ...]) -> str:
    if entry.role == "system":
        return "The system"
    user_id = _user_id(entry)
    if user_id is None:
        return "Somebody not signed in"
    if names.get(user_id):
        return names[user_id]
    # Clients have no name in the clear. What a client does is about that client alone.
    return capfirst(clients[0]) if entry.role == Role.CLIENT and len(clients) == 1 else "A client"


def _colleague(entry: LogEntry, names: Mapping[UUID, str]) -> str:
    # Clients have no name in the clear: whoever has one here is staff, or is to be.
    is_other = entry.target_uuid is not None and entry.target_uuid != _user_id(entry)
    return names.get(entry.target_uuid, "") if entry.target_uuid and is_other else ""


def _user_id(entry: LogEntry) -> UUID | None:
    try:
        return UUID(entry.actor_id.removeprefix("u_"))
    except ValueError:
        return None


def _page_word(target_type: str) -> str:
    # A refused page is named as it was asked for: clients.read, notes.write.
    return f"The page {target_type.replace('.', ': ', 1).replace('_', ' ')}"
