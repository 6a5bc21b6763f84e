"""One person for each role of the table, and something real for each kind of record in an address."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from access.roles import Role
from access.services.inviting import Letter, invite_staff
from audit.services import browse_log
from clients.kinds import ClientKind
from clients.models.retention import Tombstone
from clients.services.bringing import Newcomers, bring_in
from clients.services.contacts import Contact
from clients.services.finding import find_client
from clients.services.sharing import recipient_of
from clients.services.units import NewUnit, make_unit
from clients.services.wills import Wishes, name_custodian
from measures.models import Sheet
from notes.kinds import NoteKind
from practice.cast import Person, begin_enrolling, enrol_newcomer
from tests.addresses import address_of, arguments_of
from tests.attachments.conftest import JPEG, Files
from tests.cast import Cast
from tests.notes.conftest import Desk
from tests.practice.installation import Installation

Argument = object


@dataclass(frozen=True)
class House:
    """The cast, and on demand somebody at each stage of coming in: each costs a real Argon2id."""

    cast: Cast

    def person(self, role: Role) -> Person:
        match role:
            case Role.THERAPIST:
                return self.cast.dana
            case Role.MANAGER:
                return self.cast.manager
            case Role.AUDITOR:
                return self.cast.auditor
            case Role.CLIENT:
                return self.cast.robin.person
            case Role.WAITING:
                return self.waiting
            case Role.ENROLLING:
                return self.enrolling
            case Role.RETURNING:
                return self.returning

    def address_of(self, name: str) -> str:
        """Write the address of a view with something real for each argument; Dana's, where it belongs to somebody."""
        names = arguments_of(name)
        unknown = set(names) - SAMPLES.keys()
        assert not unknown, (
            f"A new address has the argument {', '.join(sorted(unknown))}. Add to SAMPLES in {__file__} how to find "
            "something of Dana's for it, so that every role and a stranger can be tried on it."
        )
        return address_of(name, **{name: SAMPLES[name](self) for name in names})

    @cached_property
    def waiting(self) -> Person:
        return enrol_newcomer(
            manager=self.cast.manager, name="Uma", address="uma@alder.example", roles=(Role.THERAPIST,)
        )

    @cached_property
    def enrolling(self) -> Person:
        return begin_enrolling(letter=self._invite("Theo", "theo@alder.example"), address="theo@alder.example")

    @cached_property
    def returning(self) -> Person:
        person = enrol_newcomer(
            manager=self.cast.manager, name="Vera", address="vera@alder.example", roles=(Role.THERAPIST,)
        )
        type(person.user).objects.filter(pk=person.user.pk).update(recovery_ask_at=None)
        return person

    @cached_property
    def letter(self) -> Letter:
        return self._invite("Ines", "ines@alder.example")

    @cached_property
    def entry(self) -> Argument:
        return browse_log(size=1).entries[0].uid

    @cached_property
    def desk(self) -> Desk:
        client = find_client(by=self.cast.dana.as_(Role.THERAPIST), client_id=self.cast.robin.client_id)
        return Desk(self.cast.dana, client)

    @cached_property
    def draft(self) -> Argument:
        return self.desk.begin(NoteKind.CALL).pk

    @cached_property
    def note(self) -> Argument:
        return self.desk.sign(NoteKind.CALL).pk

    @cached_property
    def measure(self) -> Argument:
        """Plant a sheet that waits for Robin: asking for one would need the client's signature first."""
        facts = {"instrument": "phq-9", "asked_by_id": self.cast.dana.user.pk, "asked_at": timezone.now()}
        return Sheet.objects.create(client_id=self.cast.robin.client_id, **facts).pk

    @cached_property
    def attachment(self) -> Argument:
        return Files(self.cast, self.desk.client).attach(JPEG).pk

    @cached_property
    def tombstone(self) -> Argument:
        """Give the number of a record that both a manager and Dana may see the end of."""
        day, by = timezone.now(), self.cast.dana.user.pk
        return Tombstone.objects.create(
            client_id=uuid4(),
            code="AAAAAA",
            hidden=False,
            decided_by=by,
            decided_at=day - timedelta(days=31),
            destroyed_at=day - timedelta(days=1),
            complete_at=day,
            vaults=0,
            grants=0,
            texts=0,
            fingerprint="0" * 64,
        ).pk

    @cached_property
    def will(self) -> Argument:
        """Give the will that names Dana, whose custodian she is."""
        by = self.cast.sam.as_(Role.THERAPIST)
        seen, wishes = recipient_of(self.cast.dana.user, None).seen, Wishes("Call everybody.")
        return name_custodian(by=by, seen=seen, wishes=wishes, at=timezone.now()).pk

    @cached_property
    def unit(self) -> Argument:
        """Give the record of Robin and somebody else of Dana's, who come together."""
        by, now = self.cast.dana.as_(Role.THERAPIST), timezone.now()
        other = Newcomers([Contact("Ada Quill", "ada@post.example")], by.user.pk, uuid4())
        with transaction.atomic():
            [ada] = bring_in(by=self.cast.manager.as_(Role.MANAGER), new=other, at=now)
        members = frozenset([self.cast.robin.client_id, ada.pk])
        return make_unit(by=by, new=NewUnit(ClientKind.COUPLE, "Together", members, uuid4()), at=now).pk

    def _invite(self, name: str, address: str) -> Letter:
        by = self.cast.manager.as_(Role.MANAGER)
        return invite_staff(by=by, name=name, address=address, roles=(Role.AUDITOR,), at=timezone.now())


# Argument of an address → something that exists.
SAMPLES: Mapping[str, Callable[[House], Argument]] = {
    "attachment_id": lambda house: house.attachment,
    "client_id": lambda house: house.cast.robin.client_id,
    "draft_id": lambda house: house.draft,
    "entry_id": lambda house: house.entry,
    "instrument": lambda _: "phq-9",
    "measure_id": lambda house: house.measure,
    "note_id": lambda house: house.note,
    "number": lambda _: 1,
    "token": lambda house: house.letter.token,
    "tombstone_id": lambda house: house.tombstone,
    "unit_id": lambda house: house.unit,
    "user_id": lambda house: house.waiting.user.pk,
    "version": lambda _: "1.0.0",
    "will_id": lambda house: house.will,
}


@pytest.fixture
def house(cast: Cast) -> House:
    return House(cast)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with empty tables, made once: each test gets a copy."""
    installation = Installation.create(tmp_path_factory.mktemp("migrated") / "practice")
    installation.manage("migrate")
    yield installation
    installation.drop()


@pytest.fixture
def installation(migrated: Installation, tmp_path: Path) -> Iterator[Installation]:
    installation = migrated.clone(tmp_path / "practice")
    yield installation
    installation.drop()
