"""A new pair of keys: what the old one opened, the new one opens, and the old one nothing."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from keys.errors import KeyRefused, NoGrant
from keys.models import Certificate, Grant, HeldBundle, Identity, Vault
from keys.services import (
    Place,
    VaultKind,
    draw_recovery_code,
    find_vault,
    key_id_of_holder,
    make_identity,
    make_vault,
    open_identity,
    open_vault,
    retire_identity,
    rewrap_mine,
)
from keys.services.identities import discard_identity
from tests.keys.house import AT, DAY, KEK, ROW, SEEN, TEXT, identity_of, next_generation, vouched


def renewed(house, person):
    """Retire somebody's keys and give them others."""
    retire_identity(holder=person.holder, at=AT)
    return make_identity(holder=person.holder, kek=KEK, root_id=house.root_id, at=AT + DAY)


class TestRetireIdentity:
    def test_leaves_nothing_that_opens(self, house, dana):
        draw_recovery_code(dana)
        HeldBundle.objects.create(identity=identity_of(dana), epoch=1, sealed_bundle=b"x", sealed_recovery=b"x")
        retire_identity(holder=dana.holder, at=AT)
        row = identity_of(dana)
        assert (bytes(row.sealed_bundle), bytes(row.sealed_recovery), row.recovery_serial) == (b"", b"", None)
        assert row.retired_at == AT
        assert not HeldBundle.objects.filter(identity=row).exists()
        with pytest.raises(KeyRefused):
            open_identity(holder=dana.holder, kek=KEK)

    def test_keeps_what_these_keys_made_good(self, house, dana, sam, record):
        make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        retire_identity(holder=dana.holder, at=AT)
        assert open_vault(by=sam, place=record).generation == 1

    def test_makes_the_next_pair_the_current_one(self, house, dana):
        new = renewed(house, dana)
        assert key_id_of_holder(dana.holder) == new.key_id
        assert open_identity(holder=dana.holder, kek=KEK).key_id == new.key_id

    def test_is_not_undone_by_somebody_who_begins_anew(self, house, dana):
        renewed(house, dana)
        discard_identity(holder=dana.holder)
        assert [row.key_id for row in Identity.objects.filter(holder=dana.holder)] == [dana.key_id]
        assert Certificate.objects.filter(key_id=dana.key_id).exists()


class TestTheDatabase:
    def test_has_one_current_pair_of_a_holder(self, house, dana):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_identity(holder=dana.holder, kek=KEK, root_id=house.root_id, at=AT)

    @pytest.mark.parametrize("column", ["sealed_bundle", "sealed_recovery"])
    def test_keeps_nothing_that_opens_in_a_retired_row(self, dana, column):
        retire_identity(holder=dana.holder, at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            Identity.objects.filter(key_id=dana.key_id).update(**{column: b"x"})


class TestRewrapMine:
    def test_opens_to_the_new_keys_what_the_old_ones_opened(self, house, dana, sam, record):
        vault = make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        text = vault.seal(TEXT, bound_to=ROW)
        next_generation(record, by=dana, to=[dana, sam], old_key=vault._keys[1])
        new = renewed(house, sam)
        assert rewrap_mine(old=sam, new=new, at=AT) == 2
        assert open_vault(by=new, place=record).unseal(text, bound_to=ROW, receipt=SEEN) == TEXT
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=record)

    def test_has_the_keys_of_those_vaults_replaced(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        rewrap_mine(old=dana, new=renewed(house, dana), at=AT + DAY)
        assert Vault.objects.get(pk=find_vault(record)).rotate_since == AT + DAY

    def test_is_accepted_without_looking_twice(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        new = renewed(house, dana)
        rewrap_mine(old=dana, new=new, at=AT)
        before = bytes(Grant.objects.get(grantee=new.key_id).accepted)
        open_vault(by=new, place=record)
        assert before == bytes(Grant.objects.get(grantee=new.key_id).accepted)

    def test_launders_no_key_that_somebody_planted(self, house, dana, sam, record):
        make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        planted = Place(VaultKind.RECORD, uuid4())
        make_vault(by=dana, place=planted, at=AT)
        Grant.objects.filter(vault=find_vault(planted), grantee=dana.key_id).update(wrap=bytes(1168))
        new = renewed(house, dana)
        assert rewrap_mine(old=dana, new=new, at=AT) == 1
        with pytest.raises(NoGrant):
            open_vault(by=new, place=planted)

    def test_keeps_the_day_on_which_a_grant_ends(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        ends = AT + 10_000 * DAY
        Grant.objects.filter(grantee=dana.key_id).update(expires_at=ends)
        new = renewed(house, dana)
        rewrap_mine(old=dana, new=new, at=AT)
        assert Grant.objects.get(grantee=new.key_id).expires_at == ends
