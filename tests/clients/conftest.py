"""Robin's record: what Dana holds, and a colleague who came into care after it was made."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models import Care, CareLetter, Client
from clients.services.caring import start_care
from clients.services.sharing import CARE_KINDS, recipient_of, share_keys
from clients.services.vaults import record_vault
from keys.models import Grant
from keys.services import Place, VaultKind, holds_key, key_id_of_holder
from practice.cast import Person, enrol_colleague
from tests.beginnings import beginning
from tests.cast import Cast


@dataclass(frozen=True)
class Record:
    """A client of Dana's, and everybody who may or may not have a hand in their care."""

    cast: Cast
    client: Client

    @property
    def dana(self) -> Actor:
        return self.cast.dana.as_(Role.THERAPIST)

    @property
    def sam(self) -> Actor:
        return self.cast.sam.as_(Role.THERAPIST)

    @property
    def manager(self) -> Actor:
        return self.cast.manager.as_(Role.MANAGER)

    @property
    def robin(self) -> Actor:
        return self.cast.robin.person.as_(Role.CLIENT)

    def mark(self, person: Person) -> str:
        """Return what a page carries for somebody."""
        person.user.refresh_from_db()
        return recipient_of(person.user, self.client).seen

    def add(self, person: Person) -> None:
        """Put the client in a therapist's care, as a manager does."""
        start_care(by=self.manager, client=self.client, therapist_id=person.user.pk, at=timezone.now())

    def kinds_of(self, person: Person) -> set[VaultKind]:
        """Say which of this client's vaults somebody's keys open."""
        key_id = key_id_of_holder(person.user.pk)
        return {kind for kind in CARE_KINDS if holds_key(key_id=key_id, place=Place(kind, self.client.pk))}

    def carers(self) -> set[UUID]:
        return set(Care.objects.filter(client=self.client, ended_at=None).values_list("therapist", flat=True))

    def state(self) -> tuple[object, ...]:
        """Everything that an act on this care may change, to compare before and after."""
        grants = Grant.objects.filter(vault__subject=self.client.pk).order_by("pk")
        return (
            list(grants.values_list("vault", "generation", "expires_at", "granted_at")),
            list(Care.objects.filter(client=self.client).order_by("pk").values()),
            CareLetter.objects.filter(client=self.client).count(),
        )

    def entries(self, act: Act, outcome: str = "ok") -> int:
        return Entry.objects.filter(action=act, outcome=outcome).count()


def make_record(by: Actor, client: Client, confirmed: frozenset[UUID] = frozenset()) -> None:
    """Make the clinical vault, as the first text does."""
    with transaction.atomic():
        record_vault(by=by, client=client, confirmed=confirmed, at=timezone.now())


@beginning
def record(cast: Cast) -> Record:
    """Robin's record, made by Dana."""
    record = Record(cast, Client.objects.get(pk=cast.robin.client_id))
    make_record(record.dana, record.client)
    return record


@beginning
def waiting(record: Record) -> Record:
    """The same, with Sam in care since, who waits for the keys."""
    record.add(record.cast.sam)
    return record


@beginning
def both(waiting: Record) -> Record:
    """Dana and Sam in care of Robin, who both hold every key."""
    seen = frozenset([waiting.mark(waiting.cast.sam)])
    share_keys(by=waiting.dana, client=waiting.client, seen=seen, at=timezone.now())
    return waiting


@pytest.fixture
def ruth(cast: Cast) -> Person:
    """A second manager."""
    return enrol_colleague(manager=cast.manager, name="Ruth Adler", address="ruth@alder.example", roles=(Role.MANAGER,))


@pytest.fixture
def refused_and_unchanged(record: Record) -> Callable[..., None]:
    """Try something that has to be refused: it is in the log, and nothing else is left of it."""

    def attempt(refusal: type[Exception], do: Callable[[], object], *, act: Act = Act.ACCESS_REFUSED) -> None:
        before, denied = record.state(), record.entries(act, "denied")
        with pytest.raises(refusal):
            do()
        assert record.state() == before
        assert record.entries(act, "denied") == denied + 1

    return attempt
