"""Who can open a vault, and taking a key back: from rows alone, with the vault's key replaced afterwards."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from keys.errors import NoGrant, SoleHolder
from keys.models import Grant, HeldGrant, Vault
from keys.services import (
    Kind,
    Place,
    VaultKind,
    delete_expired_grants,
    find_vault,
    flag_rotation,
    held_alone,
    holders_of,
    holds_key,
    make_vault,
    open_vault,
    retire_identity,
    take_back,
)
from tests.keys.house import AT, DAY, ROW, SEEN, TEXT, next_generation, vouched


def vault_of(place):
    return Vault.objects.get(pk=find_vault(place))


def grants_of(person, place):
    return Grant.objects.filter(vault=find_vault(place), grantee=person.key_id).count()


@pytest.fixture
def shared_record(house, dana, sam, record):
    make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
    return record


class TestHoldersOf:
    def test_names_people_clients_and_the_recovery_key(self, house, dana):
        subject = uuid4()
        client, place = house.client(subject, by=dana), Place(VaultKind.SHARED, subject)
        make_vault(by=client, place=place, readers=[vouched(house, dana)], at=AT)
        found = holders_of(place)
        assert {row.kind for row in found} == {Kind.STAFF, Kind.CLIENT, Kind.RECOVERY}
        assert {row.holder for row in found if row.kind != Kind.RECOVERY} == {client.holder, dana.holder}
        assert all(row.granted_at == AT and row.is_current for row in found)

    def test_names_somebody_once_whatever_generations_they_hold(self, house, dana, sam, shared_record):
        next_generation(shared_record, by=dana, to=[dana], old_key=bytes(32))
        current = {row.holder: row.is_current for row in holders_of(shared_record)}
        assert (current[dana.holder], current[sam.holder]) == (True, False)

    def test_keeps_a_key_that_nobody_is_known_to_own(self, house, dana, shared_record):
        Grant.objects.filter(grantee=dana.key_id).update(grantee=b"k" * 16)
        assert [row.kind for row in holders_of(shared_record) if row.holder is None] == [None]

    def test_says_when_a_key_goes_by_itself(self, house, sam, shared_record):
        Grant.objects.filter(grantee=sam.key_id).update(expires_at=AT + DAY)
        assert AT + DAY in [row.expires_at for row in holders_of(shared_record) if row.holder == sam.holder]

    def test_is_empty_where_there_is_no_vault(self, db):
        assert holders_of(Place(VaultKind.RECORD, uuid4())) == []


class TestTakeBack:
    def test_closes_the_vault_and_has_its_key_replaced(self, dana, sam, shared_record):
        assert take_back(by=dana, place=shared_record, holder=sam.holder, at=AT + DAY) == 1
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=shared_record)
        vault = vault_of(shared_record)
        assert (vault.wanted_generation, vault.rotate_since) == (2, AT + DAY)

    def test_takes_every_generation_and_what_a_restore_holds(self, dana, sam, shared_record):
        next_generation(shared_record, by=dana, to=[dana, sam], old_key=bytes(32))
        grant = grant_of_first(sam, shared_record)
        fields = ("vault_id", "generation", "grantee", "wrap", "granted_by", "granted_at", "accepted")
        HeldGrant.objects.create(**{name: getattr(grant, name) for name in fields})
        assert take_back(by=dana, place=shared_record, holder=sam.holder, at=AT) == 2
        assert not HeldGrant.objects.filter(grantee=sam.key_id).exists()

    def test_takes_what_was_wrapped_to_keys_of_before(self, dana, house, sam, shared_record):
        retire_identity(holder=sam.holder, at=AT)
        assert take_back(by=dana, place=shared_record, holder=sam.holder, at=AT) == 1

    def test_is_refused_for_the_last_person(self, dana, sam, shared_record):
        take_back(by=dana, place=shared_record, holder=sam.holder, at=AT)
        with pytest.raises(SoleHolder):
            take_back(by=dana, place=shared_record, holder=dana.holder, at=AT)
        assert grants_of(dana, shared_record) == 1

    @pytest.mark.parametrize("change", [{"expires_at": timezone.now() + DAY}, {"grantee": b"k" * 16}])
    def test_counts_nobody_who_leaves_by_themselves_or_is_unknown(self, dana, sam, shared_record, change):
        Grant.objects.filter(grantee=sam.key_id).update(**change)
        with pytest.raises(SoleHolder):
            take_back(by=dana, place=shared_record, holder=dana.holder, at=AT)

    def test_counts_nobody_whose_keys_are_retired(self, dana, sam, shared_record):
        retire_identity(holder=sam.holder, at=AT)
        with pytest.raises(SoleHolder):
            take_back(by=dana, place=shared_record, holder=dana.holder, at=AT)

    def test_counts_nobody_who_holds_an_older_key_alone(self, dana, sam, shared_record):
        next_generation(shared_record, by=dana, to=[dana], old_key=bytes(32))
        with pytest.raises(SoleHolder):
            take_back(by=dana, place=shared_record, holder=dana.holder, at=AT)

    def test_leaves_a_vault_to_recovery_if_told_so(self, dana, record):
        make_vault(by=dana, place=record, at=AT)
        assert take_back(by=dana, place=record, holder=dana.holder, at=AT, allow_recovery_only=True) == 1
        assert [row.kind for row in holders_of(record)] == [Kind.RECOVERY]

    def test_does_nothing_to_somebody_who_holds_nothing(self, dana, house, shared_record):
        assert take_back(by=dana, place=shared_record, holder=house.staff().holder, at=AT) == 0
        assert take_back(by=dana, place=Place(VaultKind.RECORD, uuid4()), holder=uuid4(), at=AT) == 0
        assert vault_of(shared_record).rotate_since is None


class TestHeldAlone:
    def test_names_records_and_neither_wills_nor_reasons_to_release_them(self, house, dana, record):
        places = [record, Place(VaultKind.WILL, dana.holder), Place(VaultKind.RELEASE, uuid4())]
        for place in places:
            make_vault(by=dana, place=place, at=AT)
        assert held_alone(holder=dana.holder) == [record]


class TestAFlag:
    def test_remembers_the_oldest_wish_and_asks_once(self, shared_record):
        for days in (1, 2):
            assert flag_rotation(places=[shared_record], at=AT + days * DAY) == 1
        vault = vault_of(shared_record)
        assert (vault.wanted_generation, vault.rotate_since) == (2, AT + DAY)

    def test_stands_at_these_places_alone(self, house, dana, shared_record):
        other = Place(VaultKind.CONTACT, shared_record.subject)
        make_vault(by=dana, place=other, at=AT)
        flag_rotation(places=[shared_record], at=AT)
        assert vault_of(other).rotate_since is None


class TestAGrantThatExpires:
    def test_opens_until_then_and_not_a_moment_longer(self, sam, shared_record):
        Grant.objects.filter(grantee=sam.key_id).update(expires_at=timezone.now() + timedelta(minutes=5))
        assert open_vault(by=sam, place=shared_record)
        Grant.objects.filter(grantee=sam.key_id).update(expires_at=timezone.now())
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=shared_record)
        assert not holds_key(key_id=sam.key_id, place=shared_record)

    def test_opens_no_older_text_either(self, dana, sam, shared_record):
        vault = open_vault(by=dana, place=shared_record)
        text = vault.seal(TEXT, bound_to=ROW)
        next_generation(shared_record, by=dana, to=[dana, sam], old_key=vault._keys[1])
        Grant.objects.filter(grantee=sam.key_id, generation=1).update(expires_at=timezone.now())
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=shared_record).unseal(text, bound_to=ROW, receipt=SEEN)

    def test_is_deleted_without_anybodys_keys(self, dana, sam, shared_record):
        Grant.objects.filter(grantee=sam.key_id).update(expires_at=AT)
        assert delete_expired_grants(at=AT - DAY) == 0
        assert delete_expired_grants(at=AT) == 1
        assert (grants_of(sam, shared_record), grants_of(dana, shared_record)) == (0, 1)
        assert vault_of(shared_record).rotate_since == AT


def grant_of_first(person, place):
    return Grant.objects.get(vault=find_vault(place), grantee=person.key_id, generation=1)
