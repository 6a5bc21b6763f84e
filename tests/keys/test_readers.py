"""Who reads a vault: what people signed, followed from the maker of its key, and what a row alone never does."""

from uuid import uuid4

import pytest

from keys.errors import KeyRefused
from keys.models import Generation, Grant, Vault
from keys.models.readership import Heir, Reader, ReaderEnd
from keys.services import (
    Place,
    Trust,
    VaultKind,
    find_vault,
    holders_of,
    lent_by,
    let_expire,
    make_identity,
    make_vault,
    open_vault,
    retire_identity,
    rewrap_mine,
    take_back,
    turn_key,
)
from keys.services.certifying import Issuer
from keys.services.destroying import destroy_identities, destroy_vaults
from keys.services.generations import statement_of
from keys.services.readers import Readers, readings_of, sign_end, sign_heir, sign_reader
from keys.services.replacing import revoke_key
from keys.statements import Cause, ReaderStatement
from tests.keys import independent
from tests.keys.house import AT, DAY, KEK, identity_of, vouched

LATER = AT + DAY


@pytest.fixture
def vault(dana, record):
    """A record of Dana's alone."""
    return make_vault(by=dana, place=record, at=AT)


def generation(place, number=1):
    return Generation.objects.get(vault=find_vault(place), generation=number)


def readers(house, place, number=1):
    return readings_of(Trust(house.root_id), place, generation(place, number))


def renewed(house, person):
    retire_identity(holder=person.holder, at=LATER)
    new = make_identity(holder=person.holder, kek=KEK, root_id=house.root_id, at=LATER)
    rewrap_mine(old=person, new=new, at=LATER)
    house.certify(house.root, identity_of(new), at=LATER)
    return new


class TestReadingsOf:
    def test_begin_with_those_whom_the_maker_named(self, house, dana, sam, record):
        make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        found = readers(house, record)
        assert found.keys() >= {dana.key_id, sam.key_id}
        assert len(found) == 3  # and the recovery key
        assert all((one.cause, one.given_by, one.until) == (Cause.GIVEN, dana.key_id, None) for one in found.values())

    def test_go_on_with_those_whom_readers_named(self, house, dana, sam, vault, record):
        third = house.staff()
        vault.grant(vouched(house, sam), at=AT)
        open_vault(by=sam, place=record).grant(vouched(house, third), at=LATER)
        assert readers(house, record)[third.key_id].given_by == sam.key_id

    def test_are_the_same_by_hand(self, house, dana, sam, vault, record):
        """With nothing of ours but the rows, and each statement's bytes."""
        third = house.staff()
        vault.grant(vouched(house, sam), at=AT)
        open_vault(by=sam, place=record).grant(vouched(house, third), at=LATER)
        sign_reader(generation(record), house.staff().key_id, by=house.staff(), at=LATER)
        row = generation(record)
        given = [
            (
                ReaderStatement(
                    bytes(one.root), one.vault_id, one.generation, bytes(one.key_id), one.cause, one.expires_at,
                    bytes(one.given_by), one.given_at,
                ).encode(),
                bytes(one.signature),
            )
            for one in Reader.objects.order_by("pk")
        ]  # fmt: skip
        public = {person.key_id: person.verifying.raw for person in (dana, sam, third)}
        commitment = (statement_of(record, row).encode(), bytes(row.signature))
        assert independent.readers_by_hand(commitment, given, public) == readers(house, record).keys()

    def test_are_refused_where_nobody_vouches_for_the_generation(self, house, vault, record):
        Generation.objects.update(signature=b"s" * 3373)
        with pytest.raises(KeyRefused, match="commitment_signature"):
            readers(house, record)
        assert Readers(Trust(house.root_id)).find(record, [generation(record), None], b"") is None

    def test_leave_out_whom_a_revoked_key_named(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        revoke_key(house.root, key_id=sam.key_id, since=AT)
        third = house.staff()
        sign_reader(generation(record), third.key_id, by=sam, at=LATER)
        assert third.key_id not in readers(house, record)

    def test_know_the_longest_of_several(self, house, dana, sam, vault, record):
        for until in (LATER + 9000 * DAY, None, LATER + 8000 * DAY):
            sign_reader(generation(record), sam.key_id, by=dana, at=AT, until=until)
        assert readers(house, record)[sam.key_id].until is None


class TestLentBy:
    def test_tells_what_this_person_signed_as_lent_and_nothing_else(self, house, dana, sam, vault, record):
        until, theirs, others, planted = LATER + 9000 * DAY, house.staff(), house.staff(), house.staff()
        vault.grant(vouched(house, sam), at=AT)
        vault.grant(vouched(house, theirs), at=AT, until=until)
        open_vault(by=sam, place=record).grant(vouched(house, others), at=LATER, until=until)
        # Given for good, and to end: that was no loan.
        let_expire(by=dana, place=record, holder=sam.holder, expires_at=until, at=LATER)
        grant = Grant.objects.get(vault=vault.id, grantee=theirs.key_id)
        grant.pk, grant.grantee = None, planted.key_id
        grant.save(force_insert=True)
        assert lent_by(by=dana, place=record) == {theirs.key_id: until}

    def test_tells_of_nothing_where_nobody_vouches_for_the_generation(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT, until=LATER + 9000 * DAY)
        Generation.objects.update(signature=b"s" * 3373)
        assert lent_by(by=dana, place=record) == {}
        assert lent_by(by=dana, place=Place(VaultKind.RECORD, uuid4())) == {}


class TestAnEnd:
    def test_is_signed_with_the_taking_back(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        assert sam.key_id in readers(house, record)
        take_back(by=dana, place=record, holder=sam.holder, at=LATER)
        assert sam.key_id not in readers(house, record)

    def test_of_a_later_day_is_carried_over(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        ends = AT + 10_000 * DAY
        let_expire(by=dana, place=record, holder=sam.holder, expires_at=ends, at=LATER)
        Vault.objects.update(wanted_generation=2)
        turn_key(by=dana, place=record, at=LATER)
        found = readers(house, record, 2)[sam.key_id]
        assert (found.cause, found.until) == (Cause.FINISH, ends)

    def test_that_nobody_signed_ends_nothing(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        sign_end(find_vault(record), by=house.stranger(), holder=sam.holder, since=LATER, at=LATER)
        sign_end(find_vault(record), by=dana, holder=sam.holder, since=LATER, at=LATER)
        ReaderEnd.objects.filter(issuer=dana.key_id).update(since=AT)
        assert sam.key_id in readers(house, record)

    def test_makes_way_for_what_is_given_at_the_same_moment(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        sign_end(find_vault(record), by=dana, holder=sam.holder, since=LATER, at=LATER)
        sign_reader(generation(record), sam.key_id, by=dana, at=LATER)
        assert readers(house, record)[sam.key_id].given_at == LATER


class TestAnHeir:
    def test_reads_what_the_old_keys_did(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        new = renewed(house, sam)
        assert readers(house, record)[new.key_id].given_by == sam.key_id
        open_vault(by=new, place=record).grant(vouched(house, house.staff()), at=LATER + DAY)

    def test_has_ended_with_the_holder(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        new = renewed(house, sam)
        take_back(by=dana, place=record, holder=sam.holder, at=LATER + DAY)
        assert readers(house, record).keys().isdisjoint({sam.key_id, new.key_id})

    def test_is_none_of_keys_that_read_nothing_then(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=LATER + DAY)
        new = renewed(house, sam)
        assert new.key_id not in readers(house, record)

    def test_is_named_by_nobody_else(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        retire_identity(holder=sam.holder, at=LATER)
        new = make_identity(holder=sam.holder, kek=KEK, root_id=house.root_id, at=LATER)
        house.certify(house.root, identity_of(new), at=LATER)
        sign_heir(Issuer.person(dana), holder=sam.holder, old=sam.key_id, new=new.key_id, at=LATER)
        assert new.key_id not in readers(house, record)

    def test_of_each_other_come_to_an_end(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        new = renewed(house, sam)
        sign_heir(Issuer.person(new), holder=sam.holder, old=new.key_id, new=sam.key_id, at=LATER)
        assert {sam.key_id, new.key_id} <= readers(house, record).keys()

    def test_goes_with_the_account(self, house, sam):
        renewed(house, sam)
        assert Heir.objects.count() == 1
        destroy_identities(holder=sam.holder)
        assert not Heir.objects.exists()


class TestHoldersOf:
    def test_without_anybodys_keys_go_by_the_root_of_the_vault(self, house, vault, record):
        assert all(row.is_signed for row in holders_of(record))

    def test_count_no_revoked_key_whose_row_was_put_back(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        revoke_key(house.root, key_id=sam.key_id, since=AT)
        signed = {row.holder: row.is_signed for row in holders_of(record, by=dana)}
        assert (signed[dana.holder], signed[sam.holder]) == (True, False)

    def test_say_who_gave_a_key_as_they_signed_it(self, house, dana, sam, vault, record):
        vault.grant(vouched(house, sam), at=AT)
        Grant.objects.filter(grantee=sam.key_id).update(granted_by=house.staff().key_id)
        assert {row.granted_by for row in holders_of(record, by=dana)} == {dana.holder}


def test_what_was_signed_goes_with_the_vault(house, dana, sam, vault, record):
    vault.grant(vouched(house, sam), at=AT)
    take_back(by=dana, place=record, holder=sam.holder, at=LATER)
    destroy_vaults(subject=record.subject)
    assert not Reader.objects.exists()
    assert not ReaderEnd.objects.exists()
