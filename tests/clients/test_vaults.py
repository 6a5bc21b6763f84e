"""The vaults a therapist makes: who gets a key, by whose word, and what happens when two make one at once."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.roles import Role
from audit.models import Entry
from clients.models import Client
from clients.services import vaults
from clients.services.caring import start_care, waits_for_key
from clients.services.vaults import (
    NoRecordYet,
    ReadersNotConfirmed,
    process_vault,
    readers_to_confirm,
    record_vault,
    shared_vault,
)
from keys.errors import KeyRefused, KeysLocked, NoGrant, NoVault
from keys.models import Certificate, Grant, Vault
from keys.services import LOCKED, Place, VaultKind, find_vault, holds_key, key_id_of_holder
from tests.access.pages.visitors import invite_ines


@pytest.fixture
def robin(cast):
    return Client.objects.get(pk=cast.robin.client_id)


@pytest.fixture
def dana(cast):
    return cast.dana.as_(Role.THERAPIST)


@pytest.fixture
def sam_helps(cast, robin):
    """Put Robin in Sam's care too."""
    by = cast.manager.as_(Role.MANAGER)
    start_care(by=by, client=robin, therapist_id=cast.sam.user.pk, at=timezone.now())


def make_record(by, client, confirmed=frozenset()):
    with transaction.atomic():
        return record_vault(by=by, client=client, confirmed=confirmed, at=timezone.now())


def make_process(by, client, *, recoverable=False):
    with transaction.atomic():
        return process_vault(by=by, client=client, recoverable=recoverable, at=timezone.now())


def holds(person, place):
    return holds_key(key_id=key_id_of_holder(person.user.pk), place=place)


class TestTheRecord:
    def test_is_made_once_and_opened_from_then_on(self, dana, robin):
        made, opened = make_record(dana, robin), make_record(dana, robin)
        assert made.id == opened.id
        assert Entry.objects.filter(action="vault:made", obj_id=robin.pk).count() == 1

    def test_gives_no_key_to_managers_clients_or_other_therapists(self, cast, dana, robin):
        place = make_record(dana, robin).place
        assert holds(cast.dana, place)
        for person in (cast.manager, cast.sam, cast.auditor, cast.robin.person):
            assert not holds(person, place)

    def test_can_be_opened_by_the_practice_recovery_key(self, cast, dana, robin):
        granted = Grant.objects.filter(vault_id=make_record(dana, robin).id).values_list("grantee", flat=True)
        recovery = Certificate.objects.get(kind="recovery").key_id
        assert {bytes(key_id) for key_id in granted} == {bytes(recovery), key_id_of_holder(cast.dana.user.pk)}

    def test_asks_by_name_before_a_colleague_gets_the_key(self, cast, dana, robin, sam_helps):
        assert readers_to_confirm(by=dana, client=robin) == [cast.sam.user]
        with pytest.raises(ReadersNotConfirmed) as refused:
            make_record(dana, robin)
        assert refused.value.readers == [cast.sam.user]
        assert find_vault(Place(VaultKind.RECORD, robin.pk)) is None

    def test_takes_no_word_about_somebody_else_for_it(self, cast, dana, robin, sam_helps):
        for others in ({uuid4()}, {cast.dana.user.pk, cast.manager.user.pk}):
            with pytest.raises(ReadersNotConfirmed):
                make_record(dana, robin, frozenset(others))

    def test_gives_the_key_to_whom_was_confirmed_and_to_nobody_else_named(self, cast, dana, robin, sam_helps):
        place = make_record(dana, robin, frozenset({cast.sam.user.pk, cast.manager.user.pk})).place
        assert holds(cast.sam, place)
        assert not holds(cast.manager, place)
        assert readers_to_confirm(by=dana, client=robin) == []

    def test_leaves_out_a_colleague_who_came_later(self, cast, dana, robin):
        place = make_record(dana, robin).place
        by = cast.manager.as_(Role.MANAGER)
        start_care(by=by, client=robin, therapist_id=cast.sam.user.pk, at=timezone.now())
        assert not holds(cast.sam, place)
        assert waits_for_key(therapist=cast.sam.user, client=robin)
        with pytest.raises(NoGrant):
            make_record(cast.sam.as_(Role.THERAPIST), robin)

    def test_is_not_made_for_a_colleague_whose_certificate_was_forged(self, cast, dana, robin, sam_helps):
        Certificate.objects.filter(holder=cast.sam.user.pk).update(signature=b"\0" * 64)
        with pytest.raises(KeyRefused):
            make_record(dana, robin, frozenset({cast.sam.user.pk}))
        assert not Vault.objects.filter(subject=robin.pk, kind=VaultKind.RECORD).exists()

    def test_is_not_the_clients_to_make(self, cast, robin):
        with pytest.raises(NoRecordYet):
            make_record(cast.robin.person.as_(Role.CLIENT), robin, frozenset({cast.dana.user.pk}))
        assert not Vault.objects.filter(subject=robin.pk, kind=VaultKind.RECORD).exists()

    def test_is_not_made_with_locked_keys(self, dana, robin):
        locked = type(dana)(dana.user, dana.role, LOCKED, dana.session, dana.origin)
        with pytest.raises(KeysLocked):
            make_record(locked, robin)

    def test_of_whoever_was_faster_is_the_one(self, dana, robin, monkeypatch):
        """Between looking and making, another request of the same person makes it."""
        first = make_record(dana, robin)
        monkeypatch.setattr(vaults, "find_vault", lambda _: None)
        assert make_record(dana, robin).id == first.id
        assert Vault.objects.filter(subject=robin.pk, kind=VaultKind.RECORD).count() == 1
        assert Entry.objects.filter(action="vault:made", obj_id=robin.pk).count() == 1


class TestProcessNotes:
    def test_have_a_vault_for_each_author(self, cast, dana, robin, sam_helps):
        mine, theirs = make_process(dana, robin), make_process(cast.sam.as_(Role.THERAPIST), robin)
        assert mine.id != theirs.id
        assert holds(cast.dana, mine.place)
        assert not holds(cast.sam, mine.place)
        assert not holds(cast.dana, theirs.place)

    @pytest.mark.parametrize(("recoverable", "grants"), [(False, 1), (True, 2)])
    def test_are_open_to_the_recovery_key_only_if_the_author_chose_so(self, dana, robin, recoverable, grants):
        vault = make_process(dana, robin, recoverable=recoverable)
        assert Grant.objects.filter(vault_id=vault.id).count() == grants

    def test_stay_closed_to_it_when_the_author_chooses_otherwise_later(self, dana, robin):
        vault = make_process(dana, robin)
        assert make_process(dana, robin, recoverable=True).id == vault.id
        assert Grant.objects.filter(vault_id=vault.id).count() == 1

    def test_are_no_second_vault_in_the_database(self, dana, robin):
        vault = make_process(dana, robin)
        with pytest.raises(IntegrityError), transaction.atomic():
            Vault.objects.create(subject=robin.pk, kind=vault.place.kind, author=vault.place.author)


class TestWhatIsShared:
    def test_opens_to_client_and_care_team(self, cast, dana, robin):
        assert (
            shared_vault(by=dana, client=robin).id
            == shared_vault(by=cast.robin.person.as_(Role.CLIENT), client=robin).id
        )

    def test_opens_to_nobody_else_whatever_role_they_act_in(self, cast, robin):
        for person, role in ((cast.manager, Role.MANAGER), (cast.sam, Role.THERAPIST), (cast.noor.person, Role.CLIENT)):
            with pytest.raises(NoGrant):
                shared_vault(by=person.as_(role), client=robin)

    def test_is_not_there_before_the_client_has_enrolled(self, cast, dana):
        with pytest.raises(NoVault):
            shared_vault(by=dana, client=invite_ines(cast)[0])


@pytest.mark.parametrize("kind", [VaultKind.RECORD, VaultKind.PROCESS])
def test_a_vault_of_another_client_cannot_be_put_in_this_ones_place(cast, dana, robin, kind):
    """A writer of the database points Robin at the vault of somebody else in Dana's care."""
    other, _ = invite_ines(cast)
    make = make_record if kind == VaultKind.RECORD else make_process
    make(dana, other)
    Vault.objects.filter(subject=other.pk, kind=kind).update(subject=robin.pk)
    with pytest.raises(KeyRefused):
        make(dana, robin)
