"""Robin's case after some weeks: what somebody who writes the database finds there to write in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models import Care
from clients.services.finding import find_client
from clients.services.holding import set_hold
from clients.services.letters import write_letter
from keys.columns import REGISTER
from keys.models import Certificate, Grant, Vault
from keys.services import Keyring, OpenVault, Place, Trust, VaultKind, Vouched, open_vault
from notes.kinds import NoteKind
from practice.cast import Person
from tests.cast import Cast, sign_consent
from tests.clients.conftest import make_record
from tests.clients.keeping.ending import a_reason
from tests.keys.house import House
from tests.notes.conftest import Desk

Untouched = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Case:
    """Dana's client Robin, Sam's client Noor, and a stranger with keys of his own."""

    cast: Cast
    desk: Desk
    stranger: Keyring

    @property
    def client(self):
        return self.desk.client

    @property
    def dana(self) -> Keyring:
        return self.cast.dana.keys

    @property
    def sam(self) -> Keyring:
        return self.cast.sam.keys

    def place(self, kind: VaultKind = VaultKind.CONTACT) -> Place:
        author = self.dana.holder if kind is VaultKind.PROCESS else None
        return Place(kind, self.client.pk, author)

    def open(self, kind: VaultKind = VaultKind.CONTACT, *, by: Keyring | None = None) -> OpenVault:
        return open_vault(by=by or self.dana, place=self.place(kind))

    def vault(self, kind: VaultKind = VaultKind.CONTACT, *, of: UUID | None = None) -> Vault:
        return Vault.objects.get(subject=of or self.client.pk, kind=kind)

    def grant(self, kind: VaultKind = VaultKind.CONTACT, *, to: Keyring | None = None) -> Grant:
        return Grant.objects.get(vault=self.vault(kind), grantee=(to or self.dana).key_id)

    def vouched(self, person: Person) -> Vouched:
        return Trust(self.dana.root_id).vouch(person.keys.key_id)

    def put_in_care(self, person: Person) -> None:
        """Write a row of care, as no page does."""
        Care.objects.create(client=self.client, therapist=person.user, started_at=timezone.now())


@pytest.fixture
def case(cast: Cast) -> Case:
    """The vaults of the first day, and the record."""
    dana = cast.dana.as_(Role.THERAPIST)
    desk = Desk(cast.dana, find_client(by=dana, client_id=cast.robin.client_id))
    make_record(dana, desk.client)
    return Case(cast, desk, House().stranger(cast.dana.keys.root_id))


@pytest.fixture
def full(case: Case) -> Case:
    """The same, with texts in every vault."""
    now = timezone.now()
    case.desk.give_emergency_reason(at=now)
    sign_consent(case.cast.robin)
    for kind in (NoteKind.SESSION, NoteKind.CALL, NoteKind.PROCESS):
        case.desk.sign(kind)
    case.desk.write()
    with transaction.atomic():
        write_letter(by=case.desk.by, client=case.client, text="Dana looks after you.", at=now)
    set_hold(by=case.desk.by, client=case.client, reason=a_reason(), at=now)
    return case


@pytest.fixture
def untouched() -> Untouched:
    """Nobody's grant, certificate or text is another one afterwards, and none is new."""

    @contextmanager
    def watch() -> Iterator[None]:
        before = written()
        yield
        assert written() == before

    return watch


def written() -> list[object]:
    """List what may open something, and everything that is sealed."""
    grants = Grant.objects.order_by("pk").values_list("pk", "wrap", "accepted", "generation")
    sealed = [list(column.rows.order_by("pk").values_list("pk", column.column)) for column in REGISTER.values()]
    return [list(grants), list(Certificate.objects.order_by("pk").values_list("pk", "signature")), *sealed]


def refusals(act: Act = Act.KEY_REFUSED) -> int:
    """Count the entries that say so."""
    return Entry.objects.filter(action=act, outcome="denied").count()
