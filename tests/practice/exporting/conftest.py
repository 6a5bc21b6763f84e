"""Robin's record at Dana's desk, with something of everything in it, and presses that work and that do not."""

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.roles import Role
from audit.models import Entry
from clients.services.finding import find_client
from measures.models import Result
from notes.kinds import NoteKind
from notes.models import Draft, Note
from practice.exporting.archive import Packed
from practice.exporting.purposes import Why
from practice.exporting.service import export_record
from practice.paper import printing
from practice.paper.printing import Press
from tests.beginnings import beginning
from tests.cast import Cast
from tests.measures.conftest import ALARMING, Room
from tests.notes.conftest import Desk, Log


@dataclass(frozen=True)
class Full:
    """A record in which everything can be recognised again."""

    cast: Cast
    desk: Desk
    note: Note
    process: Note
    draft: Draft
    result: Result

    def export(self, why: Why = Why.CLIENT_ASKED, **changes: Any) -> Packed:
        with Press() as press:
            given = {"by": self.desk.by, "client": self.desk.client, "why": why, "press": press, "at": timezone.now()}
            return export_record(**{**given, **changes})


# Told only while a test listens: Python takes no such hook away again (PEP 578).
_listeners: list[list[str]] = []


def _tell(event: str, arguments: tuple[Any, ...]) -> None:
    if _listeners and event == "open" and isinstance(arguments[0], str) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        _listeners[0].append(arguments[0])


sys.addaudithook(_tell)


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Every file that Python opens to write into while a test runs."""
    opened: list[str] = []
    _listeners.append(opened)
    yield opened
    _listeners.clear()


@beginning
def desk(robin_signed: Cast) -> Desk:
    by = robin_signed.dana.as_(Role.THERAPIST)
    return Desk(robin_signed.dana, find_client(by=by, client_id=robin_signed.robin.client_id))


@beginning
def full(robin_signed: Cast, desk: Desk) -> Full:
    """One of each: a signed note, a process note, a draft, a questionnaire that was closed, a signed consent."""
    now = timezone.now()
    note, process = desk.sign(), desk.sign(NoteKind.PROCESS)
    desk.amend(note)
    draft = desk.write(NoteKind.CALL, session_at=(now + timedelta(minutes=1)).replace(microsecond=0))
    room = Room(robin_signed, desk.client)
    result = room.together(ALARMING)
    room.close(result)
    return Full(robin_signed, desk, note, process, draft, result)


@pytest.fixture
def log(db: None) -> Callable[[], Log]:
    """Start listening: what is written from now on can be asked for."""
    return lambda: Log(Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)


@pytest.fixture
def no_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no press runs: what does not have to be printed here costs no second of layout."""
    monkeypatch.setattr(printing, "_PROGRAM", printing._PROGRAM.with_name("no-such-press.py"))


def files_in(packed: Packed | bytes) -> dict[str, bytes]:
    """Unpack a file."""
    content = packed if isinstance(packed, bytes) else b"".join(packed.spool.pieces())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def text_in(packed: Packed | bytes) -> str:
    return files_in(packed)["record.txt"].decode()


def bundle_in(packed: Packed | bytes) -> dict[str, Any]:
    bundle: dict[str, Any] = json.loads(files_in(packed)["record.fhir.json"])
    return bundle


def resources_in(packed: Packed | bytes, kind: str) -> list[dict[str, Any]]:
    resources = (entry["resource"] for entry in bundle_in(packed)["entry"])
    return [one for one in resources if one["resourceType"] == kind]
