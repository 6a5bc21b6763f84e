"""A new pair of keys: what the old one opened, the new one opens, and the old one nothing."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from keys.errors import KeyRefused, NoGrant
from keys.models import Certificate, Grant, HeldBundle, Identity, Revocation, Vault
from keys.services import (
    Place,
    Trust,
    VaultKind,
    certify_client_anew,
    certify_staff,
    draw_recovery_code,
    find_vault,
    fingerprint_of_row,
    key_id_of_holder,
    make_identity,
    make_vault,
    open_identity,
    open_vault,
    replace_pair,
    retire_identity,
    revoke_retired,
    rewrap_mine,
    turn_key,
    vouch_for_current,
    vouches_for_next,
    waiting_for_confirmation,
)
from keys.services.identities import discard_identity
from tests.keys.house import AT, DAY, KEK, ROW, SEEN, TEXT, identity_of, next_generation, vouched
from tests.keys.refusals import refused


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


class TestReplacePair:
    def test_of_a_certifier_is_vouched_for_by_the_old_pair(self, house, record):
        manager = house.staff(may_certify=True)
        make_vault(by=manager, place=record, at=AT)
        new = replace_pair(old=manager, kek=KEK, at=AT + DAY)
        assert Trust(house.root_id).vouch(new.key_id).may_certify
        assert open_vault(by=new, place=record)
        with pytest.raises(NoGrant):
            open_vault(by=manager, place=record)

    def test_of_a_certifier_ends_the_old_pair(self, house):
        manager = house.staff(may_certify=True)
        colleague = house.staff(by=manager)
        replace_pair(old=manager, kek=KEK, at=AT + DAY)
        late = house.staff(by=manager, at=AT + 2 * DAY)
        trust = Trust(house.root_id)
        assert trust.is_revoked(manager.key_id, at=AT + 2 * DAY)
        assert trust.vouch(colleague.key_id)
        with refused("issuer_revoked"):
            trust.vouch(late.key_id)

    def test_of_a_certifier_can_be_done_again_while_the_chain_has_room_for_others(self, house):
        person = renew(house.staff(may_certify=True), times=5)
        colleague = house.staff(by=person)
        client, trust = house.client(uuid4(), by=colleague), Trust(house.root_id)
        assert trust.vouch(client.key_id).above == 8
        assert not vouches_for_next(person)
        renew(person, times=1)
        with refused("not_certified"):
            trust.vouch(key_id_of_holder(person.holder))

    def test_is_what_an_older_invitation_wraps_to(self, house):
        manager = house.staff(may_certify=True)
        new, trust = replace_pair(old=manager, kek=KEK, at=AT), Trust(house.root_id)
        assert vouch_for_current(trust, manager.key_id).key_id == new.key_id
        assert vouch_for_current(trust, new.key_id).key_id == new.key_id

    def test_of_anybody_else_opens_what_is_theirs_and_makes_nothing(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        new = replace_pair(old=dana, kek=KEK, at=AT + DAY)
        assert open_vault(by=new, place=record)
        assert list(waiting_for_confirmation()) == [dana.holder]
        with refused("not_certified"):
            make_vault(by=new, place=Place(VaultKind.RECORD, uuid4()), at=AT + DAY)

    def test_is_ended_and_vouched_for_by_who_confirms(self, house, dana):
        manager = house.staff(may_certify=True)
        new = replace_pair(old=dana, kek=KEK, at=AT + DAY)
        seen = fingerprint_of_row(by=manager, holder=dana.holder)
        certify_staff(by=manager, holder=dana.holder, seen=seen, may_certify=False, at=AT + 2 * DAY)
        for _ in range(2):
            revoke_retired(by=manager, holder=dana.holder, at=AT + 2 * DAY)
        trust = Trust(house.root_id)
        assert trust.vouch(new.key_id).holder == dana.holder
        assert trust.is_revoked(dana.key_id, at=AT + 2 * DAY)
        assert Revocation.objects.filter(key_id=dana.key_id).count() == 1
        assert not waiting_for_confirmation()


def renew(person, *, times):
    for day in range(times):
        person = replace_pair(old=person, kek=KEK, at=AT + day * DAY)
    return person


class TestAClientsNewPair:
    @pytest.fixture
    def shared(self, house, dana):
        subject = uuid4()
        return house.client(subject, by=dana), Place(VaultKind.SHARED, subject)

    def test_is_vouched_for_by_staff_who_compared_the_words(self, house, dana, shared):
        client, place = shared
        make_vault(by=client, place=place, readers=[vouched(house, dana)], at=AT)
        new = replace_pair(old=client, kek=KEK, at=AT + DAY)
        seen = fingerprint_of_row(by=dana, holder=client.holder)
        certify_client_anew(by=dana, holder=client.holder, subject=place.subject, seen=seen, at=AT + DAY)
        turn_key(by=new, place=place, at=AT + DAY)
        assert open_vault(by=dana, place=place).generation == 2

    def test_is_refused_for_another_record_or_other_words(self, house, dana, shared):
        client, place = shared
        replace_pair(old=client, kek=KEK, at=AT)
        seen = fingerprint_of_row(by=dana, holder=client.holder)
        with refused("not_certified"):
            certify_client_anew(by=dana, holder=client.holder, subject=uuid4(), seen=seen, at=AT)
        with refused("fingerprint_changed"):
            certify_client_anew(by=dana, holder=client.holder, subject=place.subject, seen=bytes(32), at=AT)

    def test_is_refused_from_somebody_who_is_no_colleague(self, house, dana, shared):
        client, place = shared
        other = house.client(uuid4(), by=dana)
        replace_pair(old=client, kek=KEK, at=AT)
        seen = fingerprint_of_row(by=other, holder=client.holder)
        with refused("issuer_unknown"):
            certify_client_anew(by=other, holder=client.holder, subject=place.subject, seen=seen, at=AT)
