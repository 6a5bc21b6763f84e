"""Dana in training at her desk, and Sam who supervises her."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from access.acting import Actor
from access.models import RoleHeld
from access.roles import Role
from clients.services.caring import start_care
from clients.services.sharing import recipient_of, share_keys
from clients.services.supervising import end_supervision, give_to_supervisor, name_supervisor
from notes.kinds import NoteKind
from notes.models import Note
from notes.models.cosigning import Wish
from notes.services.cosigned import CosignState, cosignings_of
from notes.services.cosigning import (
    ForSupervisor,
    ask_for_changes,
    browse_to_cosign,
    cosign_note,
    read_as_supervisor,
)
from tests.beginnings import beginning
from tests.cast import Cast
from tests.notes.conftest import Desk

NOW = timezone.now
WISH = "Please say what was agreed for the night. Rohrdommel-2208"


@dataclass(frozen=True)
class Training:
    """Dana at her desk, and Sam who supervises her."""

    cast: Cast
    desk: Desk

    @property
    def sam(self) -> Actor:
        return self.cast.sam.as_(Role.THERAPIST)

    @property
    def manager(self) -> Actor:
        return self.cast.manager.as_(Role.MANAGER)

    def read(self, note: Note, by: Actor | None = None) -> ForSupervisor:
        return read_as_supervisor(by=by or self.sam, note_id=note.pk, at=NOW())

    def cosign(self, note: Note, seen: str = "") -> Note:
        return cosign_note(by=self.sam, note_id=note.pk, seen=seen or self.read(note).seen, at=NOW())

    def ask(self, note: Note, seen: str = "", nonce: UUID | None = None) -> Wish:
        seen, nonce = seen or self.read(note).seen, nonce or uuid4()
        return ask_for_changes(by=self.sam, note_id=note.pk, seen=seen, text=WISH, nonce=nonce, at=NOW())

    def state(self, note: Note) -> CosignState | None:
        found = cosignings_of([Note.objects.get(pk=note.pk)]).get(note.pk)
        return found.state if found else None

    def waiting(self) -> list[Note]:
        return browse_to_cosign(by=self.sam)

    def end(self) -> None:
        end_supervision(by=self.manager, therapist_id=self.desk.person.user.pk, at=NOW())


@beginning
def training(cast: Cast, desk: Desk) -> Training:
    """Dana, who is in training, wrote one note before that; and Sam reads what she gave him."""
    desk.sign(NoteKind.CALL)
    training = Training(cast, desk)
    dana, sam = desk.person.user.pk, cast.sam.user
    name_supervisor(by=training.manager, therapist_id=dana, supervisor_id=sam.pk, at=NOW())
    give_to_supervisor(by=desk.by, client=desk.client, seen=recipient_of(sam, None).seen, at=NOW())
    return training


@beginning
def signed(training: Training) -> Training:
    """The same, and she signed a session note."""
    training.desk.sign()
    return training


@beginning
def another(signed: Training) -> Desk:
    """The desk of a second therapist in training, in care of Robin too, who has another supervisor."""
    by, cast, desk = signed.manager, signed.cast, signed.desk
    for person in (cast.auditor, cast.manager):
        RoleHeld.objects.create(user=person.user, role=Role.THERAPIST)
    trainee, supervisor = cast.auditor.user, cast.manager.user
    start_care(by=by, client=desk.client, therapist_id=trainee.pk, at=NOW())
    seen = frozenset([recipient_of(trainee, desk.client).seen])
    share_keys(by=desk.by, client=desk.client, seen=seen, at=NOW())
    name_supervisor(by=by, therapist_id=trainee.pk, supervisor_id=supervisor.pk, at=NOW())
    return Desk(cast.auditor, desk.client)


@pytest.fixture
def note(signed: Training) -> Note:
    return Note.objects.get(kind=NoteKind.SESSION)
