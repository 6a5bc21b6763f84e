"""A client with everything that is sealed about them, whose keys are replaced."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from access.acting import Actor
from clients.services.rotating import rotate_next
from consent.services.records import look_at_record
from keys.columns import columns_of_vault
from keys.models import Vault
from keys.services import OpenVault, Place, VaultKind, flag_rotation, generation_of_text, turn_key
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.drafting import open_draft
from notes.services.looking_back import look_back
from notes.services.reading import read_note
from tests.notes.conftest import Desk

WHILE = timedelta(minutes=10)


@dataclass(frozen=True)
class Written:
    """A client with a note of each kind of vault, a draft with a version, a consent and an emergency reason."""

    desk: Desk
    process: Note
    call: Note
    draft: Draft

    @property
    def places(self) -> list[Place]:
        subject = self.desk.client.pk
        rows = Vault.objects.filter(subject=subject).values_list("kind", "author")
        return [Place(VaultKind(kind), subject, author) for kind, author in rows]

    @property
    def record(self) -> Place:
        return Place(VaultKind.RECORD, self.desk.client.pk)

    def flag(self) -> None:
        assert flag_rotation(places=self.places, at=timezone.now()) == 4

    def generations(self) -> set[int]:
        texts = [
            getattr(row, column.column)
            for place in self.places
            for column in columns_of_vault(place.kind)
            for row in column.rows_at(place)
        ]
        assert len(texts) >= 9
        return {generation_of_text(text) for text in texts}

    def read_all(self) -> None:
        """Read everything as its therapist does; each opens whole."""
        by, now = self.desk.by, timezone.now()
        for note in (self.process, self.call):
            opened = read_note(by=by, note_id=note.pk, at=now)
            assert opened.fields
            assert len(opened.addenda) == (note == self.call)
        assert open_draft(by=by, draft_id=self.draft.pk, at=now).fields
        [version] = look_back(by=by, draft_id=self.draft.pk, at=now).versions
        assert version.fields
        assert look_at_record(by=by, client=self.desk.client, at=now).facts


@pytest.fixture
def written(unsigned: Desk, desk: Desk) -> Written:
    desk.give_emergency_reason(at=timezone.now())
    written = Written(desk, desk.sign(NoteKind.PROCESS), desk.sign(NoteKind.CALL), desk.write(NoteKind.MESSAGE))
    desk.amend(written.call)
    desk.write_on(written.draft)
    return written


@pytest.fixture
def go_on(written: Written) -> Callable[[], int]:
    """Take steps until there is nothing left that the therapist's keys can do now."""
    return lambda: steps_of(written.desk.by)


def steps_of(by: Actor) -> int:
    """Count the steps until nothing is left that somebody's keys can do, a while after each other."""
    for count in range(200):
        if not rotate_next(by=by, at=timezone.now() + count * WHILE):
            return count
    raise AssertionError("it never ends")


def turn(written: Written) -> OpenVault:
    with transaction.atomic():
        return turn_key(by=written.desk.by.keys, place=written.record, at=timezone.now())
