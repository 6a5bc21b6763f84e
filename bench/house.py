"""The practice that is measured, made by the services of the pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from access.services.codes import next_code
from access.services.first_person import FirstPerson
from access.services.inviting import Letter
from bench.scene import FIELDS, ListedClient, Login, Scene, Written
from bench.size import Size
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from keys.services import propose_passphrase
from notes.kinds import NoteKind
from notes.services.drafting import Plan, begin_draft, save_draft
from notes.services.signing import sign_note
from practice.cast import Person, enrol_client, enrol_colleague, found, sign_consent

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True)
class House:
    """Therapists, and clients of the first. Their first client has signed the limits.

    :param searcher: a therapist with nobody in their care yet
    """

    staff: list[Person]
    searcher: Person
    scene: Scene
    size: Size

    def code_of(self, person: Person) -> str:
        """Return a code that the sign-in takes now, though this half minute's may have been used."""
        # A code counts once. The bench signs in more often than people can, and does not wait for the next one.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE access_totpdevice SET last_step = -1")
        return next_code(person.user).code


def make_house(size: Size) -> House:
    """Make everything that the pages will ask for."""
    manager = _found()
    staff = [_enrol(manager, number) for number in range(size.staff)]
    by = staff[0].as_(Role.THERAPIST)
    invited = [_invite(by, number) for number in range(size.clients)]
    client, name, letter = invited[0]
    sign_consent(enrol_client(letter=letter, address=_address(name)), client_id=client.pk, name=name)
    now = timezone.now()
    # Each about a session of its own, and none before the signature.
    texts = 2 + size.warm_up + size.runs
    saved, note, *drafts = [_write(by, client, now + timedelta(seconds=n)) for n in range(texts)]
    sign_note(by=by, draft_id=UUID(note.id), revision=note.revision, at=timezone.now())
    logins = [login_of(person) for person in staff]
    clients = [ListedClient(str(row.pk), row.code, name) for row, name, _ in invited]
    return House(staff, _enrol(manager, size.staff), Scene(logins, clients, saved, drafts, note), size)


def login_of(person: Person) -> Login:
    """Say how somebody signs in."""
    return Login(str(person.user.pk), person.user.display_name, person.address, person.passphrase)


def _found() -> Person:
    address, passphrase = "manager@bench.example", propose_passphrase()
    person = FirstPerson("Manager", address, passphrase, (Role.MANAGER,))
    first = found(practice_name="Bench", person=person, count=1, needed=1, demo=True, at=timezone.now()).first
    with transaction.atomic():
        first.device.verify_token(next_code(first.user).code)
    return Person(first.user, first.keys, address, passphrase)


def _enrol(manager: Person, number: int) -> Person:
    name = f"Therapist {number}"
    return enrol_colleague(manager=manager, name=name, address=_address(name), roles=(Role.THERAPIST,))


def _invite(by: Actor, number: int) -> "tuple[Client, str, Letter]":
    name = f"Client {number:02}"
    new = NewClient(Contact(name, _address(name), "555 0100"), by.user.pk)
    client, letter = invite_client(by=by, new=new, at=timezone.now())
    return client, name, letter


def _write(by: Actor, client: "Client", session_at: datetime) -> Written:
    plan = Plan(kind=NoteKind.SESSION, session_at=session_at, minutes=50)
    draft = begin_draft(by=by, client=client, plan=plan, at=timezone.now())
    saved = save_draft(by=by, draft=draft, revision=draft.revision, fields=FIELDS, at=timezone.now())
    return Written(str(draft.pk), session_at.isoformat(), saved.revision)


def _address(name: str) -> str:
    return f"{name.replace(' ', '.').casefold()}@bench.example"
