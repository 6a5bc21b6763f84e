"""Robin's record while Dana is away: Sam covers, and may open it with a reason."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client as Browser
from django.utils import timezone

from clients.kinds import OpeningCode
from clients.models.cover import Cover, Opening
from clients.services.covering import Absence, arrange_cover
from clients.services.opening import Because, find_cover, open_record
from keys.models import Grant
from keys.services import key_id_of_holder
from notes.kinds import NoteKind
from tests.beginnings import beginning
from tests.cast import Cast
from tests.clients.conftest import Record
from tests.notes.conftest import Desk

LINE = "Robin called, could not be calmed, and asks for a doctor."


def away(days: int = 7) -> Absence:
    now = timezone.now()
    return Absence(now - timedelta(hours=1), now + timedelta(days=days))


def arrange(record: Record, *, by: Any = None, days: int = 7) -> list[Cover]:
    """Let Dana name Sam."""
    seen = frozenset([record.mark(record.cast.sam)])
    return arrange_cover(by=by or record.dana, client=record.client, seen=seen, absence=away(days), at=timezone.now())


def because(line: str = LINE) -> Because:
    return Because(OpeningCode.CRISIS, line, uuid4())


def open_it(record: Record, given: Because | None = None) -> Opening:
    """Let Sam open what he covers."""
    now = timezone.now()
    cover = find_cover(by=record.sam, client_id=record.client.pk, at=now)
    return open_record(by=record.sam, cover=cover, because=given or because(), at=now)


def close(opening: Opening) -> None:
    """Let the time of an opening be over."""
    now = timezone.now()
    Opening.objects.filter(pk=opening.pk).update(opened_at=now - timedelta(hours=13), until=now)


def loans(record: Record) -> QuerySet[Grant]:
    """Say which keys of Robin's record Sam holds, for as long as they are lent."""
    key_id = key_id_of_holder(record.cast.sam.user.pk)
    return Grant.objects.filter(vault__subject=record.client.pk, grantee=key_id)


def open_by_page(browser: Browser, record: Record, **changes: object) -> Any:
    """Send the form with which a colleague opens a record."""
    sent = {"form": uuid4(), "why": "crisis", "reason": LINE, **changes}
    return browser.post(f"/cover/{record.client.pk}/", sent, follow=True)


@beginning
def covered(record: Record) -> Record:
    """Dana is away, and Sam covers."""
    arrange(record)
    return record


@beginning
def signed(robin_signed: Cast, covered: Record) -> Record:
    """The same, with a note of Dana's in the record, and a client who has signed."""
    Desk(covered.cast.dana, covered.client).sign(NoteKind.CALL)
    return covered


@pytest.fixture
def at_edge(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Set the clock of the moment."""
    return lambda moment: monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
