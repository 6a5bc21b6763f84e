"""Dana at her desk, with a client who has signed and one who has not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from audit.acts import Act
from audit.guards import Guard
from audit.models import Entry
from clients.models import Care
from clients.services.caring import start_care
from clients.services.finding import find_client
from consent.kinds import EmergencyCode
from consent.services.overriding import Emergency, open_override
from notes.kinds import NoteKind
from notes.models import Addendum, Note, Withdrawal
from notes.models.cosigning import Cosignature
from notes.published import current_format
from notes.services.amending import begin_addendum
from notes.services.drafting import Plan, begin_draft, save_draft
from notes.services.signing import sign_note
from practice.cast import Person
from tests.audit.sql import run
from tests.beginnings import beginning
from tests.cast import Cast, sign_consent

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Draft

CANARY = "Zaunkönig-7731"
FIELDS = {
    "brought": f"Slept through on nine of fourteen nights. {CANARY}",
    "together": "Mapped the avoidance on a ladder.",
    "plan": "",
    "safety": "none",
    "follow_up": "",
}
_GUARDS = {
    Note: Guard("notes_note", (("id",),), ("sealed_body",)),
    Withdrawal: Guard("notes_withdrawal", (("note_id",),)),
    Cosignature: Guard("notes_cosignature", (("text_id",),)),
    Addendum: Guard("notes_addendum", (("id",), ("note_id", "number")), ("sealed_body",)),
}
ADDED = {"reason": "correction", "why": "I mixed up two weeks.", "text": f"It was seven nights of fourteen. {CANARY}"}


@dataclass(frozen=True)
class Desk:
    """A therapist and a client of theirs."""

    person: Person
    client: "Client"

    @property
    def by(self) -> Actor:
        return self.person.as_(Role.THERAPIST)

    def begin(self, kind: NoteKind = NoteKind.SESSION, **changes: Any) -> "Draft":
        now = changes.pop("at", None) or timezone.now()
        plan = replace(Plan(kind, session_at=now.replace(microsecond=0)), **changes)
        return begin_draft(by=self.by, client=self.client, plan=plan, at=now)

    def write(self, kind: NoteKind = NoteKind.SESSION, **changes: Any) -> "Draft":
        draft = self.begin(kind, **changes)
        save_draft(by=self.by, draft=draft, revision=0, fields=fields_of(kind), at=timezone.now())
        draft.refresh_from_db()
        return draft

    def write_on(self, draft: "Draft") -> None:
        """Save once more as a form does, so that what stood there before is a version."""
        fields = {name: f"{text} And more." for name, text in fields_of(draft.note_kind).items()}
        if "safety" in fields:
            fields |= {"safety": "none"}
        save_draft(by=self.by, draft=draft, revision=draft.revision, fields=fields, at=timezone.now())
        draft.refresh_from_db()

    def sign(self, kind: NoteKind = NoteKind.SESSION, **changes: Any) -> Note:
        draft = self.write(kind, **changes)
        return sign_note(by=self.by, draft_id=draft.pk, revision=draft.revision, at=timezone.now())

    def amend(self, note: Note, **fields: str) -> Addendum:
        draft = begin_addendum(by=self.by, note_id=note.pk, at=timezone.now())
        save_draft(by=self.by, draft=draft, revision=0, fields={**ADDED, **fields}, at=timezone.now())
        sign_note(by=self.by, draft_id=draft.pk, revision=1, at=timezone.now())
        return note.addenda.get(pk=draft.pk)

    def give_emergency_reason(self, *, at: datetime) -> None:
        emergency = Emergency(EmergencyCode.ACUTE_CRISIS, "Found in distress.", "Crisis, no device", uuid4())
        open_override(by=self.by, client=self.client, emergency=emergency, at=at)


def end_care(desk: Desk) -> None:
    """Let a care be over of which the therapist keeps nothing, as after a hand-over: here nobody else comes in."""
    Care.objects.filter(client=desk.client, therapist=desk.person.user).update(ended_at=timezone.now())


def fields_of(kind: NoteKind) -> dict[str, str]:
    """Return what fills a note of this kind."""
    if kind is NoteKind.SESSION:
        return dict(FIELDS)
    return {section.name: f"About Tuesday. {CANARY}" for section in current_format(kind).sections}


@beginning
def unsigned(cast: Cast) -> Desk:
    """Dana and Robin, before Robin's signature."""
    by = cast.dana.as_(Role.THERAPIST)
    return Desk(cast.dana, find_client(by=by, client_id=cast.robin.client_id))


@beginning
def desk(robin_signed: Cast, unsigned: Desk) -> Desk:
    """Dana and Robin, who has signed just now."""
    return unsigned


@beginning
def sams_desk(cast: Cast) -> Desk:
    """Sam and Noor, who has signed just now: nothing of theirs is Dana's business."""
    sign_consent(cast.noor)
    by = cast.sam.as_(Role.THERAPIST)
    return Desk(cast.sam, find_client(by=by, client_id=cast.noor.client_id))


@beginning
def shared_desk(cast: Cast, desk: Desk) -> Desk:
    """Sam at the same client's desk: a colleague in care from before the record was made, who gets its key."""
    manager = cast.manager.as_(Role.MANAGER)
    start_care(by=manager, client=desk.client, therapist_id=cast.sam.user.pk, at=timezone.now())
    desk.begin(NoteKind.CALL, confirmed=frozenset([cast.sam.user.pk]))
    return Desk(cast.sam, desk.client)


@pytest.fixture
def right(cast: Cast, desk: Desk) -> Desk:
    """Dana at the desk of Noor, whom she writes about, and who has signed. Sam cares for her too."""
    sign_consent(cast.noor)
    noor = find_client(by=cast.sam.as_(Role.THERAPIST), client_id=cast.noor.client_id)
    start_care(by=cast.manager.as_(Role.MANAGER), client=noor, therapist_id=cast.dana.user.pk, at=timezone.now())
    return Desk(cast.dana, noor)


@dataclass(frozen=True)
class Log:
    """What was written to the log since a moment, oldest first."""

    after: int

    @property
    def acts(self) -> list[tuple[str, str]]:
        return list(self._rows().values_list("action", "outcome"))

    @property
    def bodies(self) -> list[bytes]:
        return [bytes(body) for body in self._rows().values_list("body", flat=True)]

    def _rows(self) -> Any:
        return Entry.objects.filter(pk__gt=self.after).order_by("pk")


@pytest.fixture
def log(db: None) -> Callable[[], Log]:
    """Start listening: what is written from now on can be asked for."""
    return lambda: Log(Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)


def done(act: Act) -> tuple[str, str]:
    return (act.value, "ok")


def denied(act: Act) -> tuple[str, str]:
    return (act.value, "denied")


def rewrite(row: Note | Addendum | Withdrawal | Cosignature, **columns: object) -> None:
    """Change what is signed as somebody who owns the database would: the guard lifted, and put back."""
    with unguarded(type(row)):
        type(row).objects.filter(pk=row.pk).update(**columns)


@contextmanager
def unguarded(model: type[Note | Addendum | Withdrawal | Cosignature]) -> Iterator[None]:
    """Lift the guard of a table, and put it back."""
    settle()
    run(*_GUARDS[model].remove_statements(connection))
    yield
    settle()
    run(*_GUARDS[model].install_statements(connection))


def settle() -> None:
    """Check now what PostgreSQL would check at the end: until then, it lets nobody alter or empty a table."""
    connection.check_constraints()
