"""Later generations of a vault's key, and the commitment that each must fit."""

from contextlib import contextmanager
from uuid import uuid4

import pytest

from keys.errors import KeyRefused
from keys.models import Grant
from keys.services.certifying import confirm_client
from keys.services.places import Place
from keys.services.vaults import (
    find_vault,
    make_vault,
    open_vault,
)
from keys.statements import VaultKind
from tests.keys.house import AT, DAY, certificate_of, identity_of, next_generation, vouched
from tests.keys.refusals import refused


@contextmanager
def refused_after_the_first(reason, place, person):
    """As `refused`; only the generation before, which is genuine, may have been accepted on the way."""
    with pytest.raises(KeyRefused) as caught:
        yield
    assert caught.value.reason == reason
    grants = Grant.objects.filter(vault=find_vault(place), grantee=person.key_id)
    assert not bytes(grants.get(generation=2).accepted)


class TestALaterGeneration:
    def test_is_believed_if_it_follows_from_the_one_before(self, house, dana, sam, record):
        vault = make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        next_generation(record, by=dana, to=[dana, sam], old_key=vault._keys[1])
        assert open_vault(by=sam, place=record).generation == 2

    def test_is_refused_without_the_link(self, house, dana, sam, record):
        # A certified colleague who was never given the key writes a generation of their own.
        make_vault(by=dana, place=record, at=AT)
        next_generation(record, by=sam, to=[dana], old_key=None)
        with refused_after_the_first("predecessor", record, dana):
            open_vault(by=dana, place=record)

    def test_is_refused_with_the_link_to_another_key(self, house, dana, sam, record):
        make_vault(by=dana, place=record, at=AT)
        next_generation(record, by=sam, to=[dana], old_key=bytes(32))
        with refused_after_the_first("predecessor", record, dana):
            open_vault(by=dana, place=record)

    def test_is_refused_if_the_one_before_is_not_believed(self, house, dana, record):
        vault = make_vault(by=dana, place=record, at=AT)
        next_generation(record, by=dana, to=[dana], old_key=vault._keys[1])
        Grant.objects.filter(vault=find_vault(record), generation=1, grantee=dana.key_id).update(wrap=bytes(1168))
        with refused("grant_forged"):
            open_vault(by=dana, place=record)

    def test_is_believed_by_a_reader_who_never_held_the_one_before(self, house, dana, sam, record):
        vault = make_vault(by=dana, place=record, at=AT)
        next_generation(record, by=dana, to=[sam], old_key=vault._keys[1])
        assert open_vault(by=sam, place=record).generation == 2

    def test_of_what_is_shared_may_be_made_by_staff(self, house, dana):
        subject = uuid4()
        client, place = house.client(subject, by=dana), Place(VaultKind.SHARED, subject)
        vault = make_vault(by=client, place=place, readers=[vouched(house, dana)], at=AT)
        next_generation(place, by=dana, to=[client, dana], old_key=vault._keys[1])
        assert open_vault(by=client, place=place).generation == 2

    def test_of_what_is_shared_is_refused_from_another_client(self, house, dana):
        subject = uuid4()
        client, place = house.client(subject, by=dana), Place(VaultKind.SHARED, subject)
        other = house.client(uuid4(), by=dana)
        vault = make_vault(by=client, place=place, at=AT)
        next_generation(place, by=other, to=[client], old_key=vault._keys[1])
        with refused("maker_of_kind"):
            open_vault(by=client, place=place)

    def test_of_the_record_is_refused_from_the_client(self, house, dana, record):
        vault = make_vault(by=dana, place=record, at=AT)
        client = house.client(record.subject, by=dana)
        next_generation(record, by=client, to=[dana], old_key=vault._keys[1])
        with refused("maker_of_kind"):
            open_vault(by=dana, place=record)


class TestACommitment:
    def test_still_holds_under_a_certificate_that_was_renewed(self, house, dana):
        subject = uuid4()
        client, place = house.client(subject, by=dana), Place(VaultKind.SHARED, subject)
        make_vault(by=client, place=place, readers=[vouched(house, dana)], at=AT)
        confirm_client(by=dana, holder=client.holder, subject=subject, at=AT + DAY)
        assert open_vault(by=dana, place=place).generation == 1

    def test_falls_with_the_certificate_it_names(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        certificate_of(dana).delete()
        house.certify(house.root, identity_of(dana), at=AT + DAY)
        with refused("not_certified"):
            open_vault(by=dana, place=record)
