"""Dana's will: Sam is her custodian, the manager is the other person, and two of three sheets give the keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from audit.acts import Act
from clients.kinds import Why
from clients.models import Client
from clients.models.custody import Handed, Release, Will
from clients.services.custody import ContactList, read_contact_list
from clients.services.releasing import Because, ask_release, confirm_release
from clients.services.sharing import recipient_of
from clients.services.stages import Stage, stage_of
from clients.services.wills import Wishes, answer_will, name_custodian, will_of
from keys.models import Grant, Vault
from keys.services import VaultKind
from notes.kinds import NoteKind
from notes.models import Note
from practice.cast import Person
from practice.custody.leading import give_by_sheets
from tests.beginnings import beginning
from tests.cast import Cast
from tests.clients.conftest import Record, make_record
from tests.notes.conftest import Desk

WORDS = "Call Robin first. The keys to the cabinet are with my sister."
LINE = "Her husband called this morning: she died on Sunday."
# What the first step opens to the custodian, and the second.
CONTACTS = {VaultKind.CONTACT, VaultKind.WILL}
NOTES = CONTACTS | {VaultKind.RECORD}


@dataclass(frozen=True)
class House(Record):
    """Robin's record, and everything that may happen to Dana's will."""

    @property
    def will(self) -> Will:
        will = will_of(self.cast.dana.user)
        assert will is not None
        return will

    @property
    def stage(self) -> Stage:
        return stage_of(self.will, at=timezone.now())

    def name(self, person: Person | None = None, *, hidden_too: bool = False) -> Will:
        chosen = (person or self.cast.sam).user
        chosen.refresh_from_db()
        seen, wishes = recipient_of(chosen, None).seen, Wishes(WORDS, hidden_too)
        return name_custodian(by=self.dana, seen=seen, wishes=wishes, at=timezone.now())

    def accept(self) -> None:
        answer_will(by=self.sam, will_id=self.will.pk, accepts=True, at=timezone.now())

    def ask(self, by: Actor | None = None) -> Release:
        seen, because = self.stage.mark, Because(Why.DIED, LINE)
        return ask_release(by=by or self.manager, will=self.will, seen=seen, because=because, at=timezone.now())

    def confirm(self, by: Actor | None = None) -> Release:
        return confirm_release(by=by or self.sam, will=self.will, seen=self.stage.mark, at=timezone.now())

    def wait(self) -> None:
        """Let the waiting time be over."""
        ago = timezone.now() - settings.CUSTODY_WAIT
        Release.objects.filter(given_at=None, confirmed_at__isnull=False).update(
            asked_at=ago, confirmed_at=ago, free_at=timezone.now()
        )

    def give(self, by: Actor | None = None, **changes: Any) -> list[str]:
        will = changes.pop("will", None) or self.will
        sent = {
            "seen": stage_of(will, at=timezone.now()).mark,
            "keys_seen": recipient_of(will.custodian, None).seen,
            "codes": {1: self.cast.codes[0], 3: self.cast.codes[2]},
        }
        return give_by_sheets(by=by or self.manager, will=will, **{**sent, **changes}, at=timezone.now())

    def release(self) -> None:
        """Go through the next step whole."""
        self.ask()
        self.confirm()
        self.wait()
        self.give()

    def vaults_of(self, person: Person) -> set[VaultKind]:
        """Say which vaults, of whatever kind, somebody's keys open now."""
        grants = Grant.objects.filter(grantee=person.keys.key_id, vault__in=self.vaults())
        return {VaultKind(kind) for kind in grants.values_list("vault__kind", flat=True)}

    def vaults(self) -> list[Vault]:
        subjects = [self.client.pk, self.cast.dana.user.pk]
        return list(Vault.objects.filter(subject__in=subjects))

    def everything(self) -> Sequence[object]:
        """Whatever a refused step might leave behind."""
        tables = [model.objects.order_by("pk").values() for model in (Will, Release, Handed, Vault)]
        grants = Grant.objects.order_by("pk").values_list("vault", "generation", "grantee", "expires_at")
        return [self.state(), *map(list, tables), list(grants)]


def contact_list(house: House, by: Actor | None = None) -> ContactList:
    return read_contact_list(by=by or house.sam, will_id=house.will.pk, at=timezone.now())


def loans(house: House) -> QuerySet[Grant]:
    """Say which keys of this house Sam holds."""
    return Grant.objects.filter(grantee=house.cast.sam.keys.key_id, vault__in=house.vaults())


@beginning
def house(cast: Cast) -> House:
    """Robin's record, and Dana's will, to which Sam has agreed."""
    house = House(cast, Client.objects.get(pk=cast.robin.client_id))
    make_record(house.dana, house.client)
    house.name()
    house.accept()
    return house


@beginning
def written(robin_signed: Cast, house: House) -> House:
    """The same, with a signed note of Dana's."""
    Desk(house.cast.dana, house.client).sign(NoteKind.CALL)
    assert Note.objects.count() == 1
    return house


@pytest.fixture
def refused(house: House) -> Callable[..., None]:
    """Try something that has to be refused: one entry says so, and nothing else is left of it."""

    def attempt(refusal: type[Exception], do: Callable[[], object], *, act: Act = Act.ACCESS_REFUSED) -> None:
        before, denied = house.everything(), house.entries(act, "denied")
        with pytest.raises(refusal):
            do()
        assert house.everything() == before
        assert house.entries(act, "denied") == denied + 1

    return attempt


def as_manager(person: Person) -> Actor:
    person.user.roles_held.get_or_create(role=Role.MANAGER)
    return person.as_(Role.MANAGER)


@beginning
def given(written: House) -> House:
    """The first step is done."""
    written.release()
    return written


@beginning
def both(given: House) -> House:
    """Both are."""
    given.release()
    return given


@beginning
def waited(written: House) -> House:
    """Everything but the sheets."""
    written.ask()
    written.confirm()
    written.wait()
    return written
