"""Dana at her desk, with a client who has signed and one who has not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from clients.services.finding import find_client
from notes.kinds import NoteKind
from notes.services.drafting import Plan, begin_draft, save_draft
from notes.services.signing import sign_note
from tests.cast import Cast, sign_consent

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Draft, Note

FIELDS = {
    "brought": "Slept through on nine of fourteen nights.",
    "together": "Mapped the avoidance on a ladder.",
    "plan": "",
    "safety": "none",
    "follow_up": "",
}


@dataclass(frozen=True)
class Desk:
    """A therapist and a client of theirs."""

    by: Actor
    client: "Client"

    def begin(self, kind: NoteKind = NoteKind.SESSION, *, session_at: datetime | None = None) -> "Draft":
        now = timezone.now()
        plan = Plan(kind, session_at=session_at or now.replace(microsecond=0))
        return begin_draft(by=self.by, client=self.client, plan=plan, at=now)

    def written(self, kind: NoteKind = NoteKind.SESSION, fields: dict[str, str] | None = None) -> "Draft":
        draft = self.begin(kind)
        save_draft(by=self.by, draft_id=draft.pk, revision=0, fields=fields or fields_of(kind), at=timezone.now())
        draft.refresh_from_db()
        return draft

    def signed(self, kind: NoteKind = NoteKind.SESSION, fields: dict[str, str] | None = None) -> "Note":
        draft = self.written(kind, fields)
        return sign_note(by=self.by, draft_id=draft.pk, revision=draft.revision, at=timezone.now())


def fields_of(kind: NoteKind) -> dict[str, str]:
    """Return what fills a note of this kind."""
    return dict(FIELDS) if kind in {NoteKind.SESSION, NoteKind.EMERGENCY} else {"text": "Called about Tuesday."}


Sit = Callable[[], Desk]


@pytest.fixture
def unsigned(cast: Cast) -> Desk:
    """Dana and Robin, before Robin's signature."""
    by = cast.dana.as_(Role.THERAPIST)
    return Desk(by, find_client(by=by, client_id=cast.robin.client_id))


@pytest.fixture
def desk(cast: Cast, unsigned: Desk) -> Desk:
    """Dana and Robin, who has signed just now."""
    sign_consent(cast.robin)
    return unsigned


@pytest.fixture
def yesterday() -> datetime:
    return timezone.now() - timedelta(days=1)
