"""Vaults: who may make and read which, and how their texts open."""

import hmac
from dataclasses import replace
from uuid import uuid4

import pytest

from keys.errors import KeysError, KeysLocked, NoGrant, NoVault, SealBroken
from keys.keyring import LOCKED, Keyring
from keys.models import Certificate, Grant, Identity
from keys.services.generations import statement_of
from keys.services.places import Place
from keys.services.trust import Trust
from keys.services.vaults import (
    find_vault,
    holds_key,
    make_vault,
    open_vault,
    open_vaults,
    vouch_for_recovery,
)
from keys.statements import Kind, VaultKind
from tests.keys import independent
from tests.keys.house import AT, ROW, SEEN, TEXT, generation_of, grant_of, identity_of, next_generation, vouched
from tests.keys.refusals import refused


class TestMakeVault:
    def test_wraps_the_key_to_maker_readers_and_recovery(self, house, dana, sam, record):
        make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        recovery = vouch_for_recovery(Trust(house.root_id))
        assert {bytes(g.grantee) for g in Grant.objects.filter(vault=find_vault(record))} == {
            dana.key_id,
            sam.key_id,
            recovery.key_id,
        }

    def test_lets_every_reader_open_what_was_sealed(self, house, dana, sam, record):
        blob = make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT).seal(TEXT, bound_to=ROW)
        recovery = Keyring(uuid4(), house.founder.recovery_seeds)
        for reader in (dana, sam, recovery):
            assert open_vault(by=reader, place=record).unseal(blob, bound_to=ROW, receipt=SEEN) == TEXT

    def test_leaves_recovery_out_of_an_authors_own_notes_unless_asked(self, house, dana):
        place = Place(VaultKind.PROCESS, uuid4(), author=dana.holder)
        make_vault(by=dana, place=place, recoverable=False, at=AT)
        assert [bytes(g.grantee) for g in Grant.objects.filter(vault=find_vault(place))] == [dana.key_id]

    def test_needs_open_keys(self, house, record):
        with pytest.raises(KeysLocked):
            make_vault(by=LOCKED, place=record, at=AT)

    @pytest.mark.parametrize("kind", [VaultKind.CONTACT, VaultKind.RECORD])
    def test_refuses_a_client_as_the_maker_of_what_staff_make(self, house, dana, kind):
        subject = uuid4()
        client = house.client(subject, by=dana)
        with refused("maker_of_kind"):
            make_vault(by=client, place=Place(kind, subject), at=AT)

    def test_refuses_staff_as_the_maker_of_the_first_shared_key(self, house, dana):
        with refused("not_certified"):
            make_vault(by=dana, place=Place(VaultKind.SHARED, uuid4()), at=AT)

    def test_refuses_another_client_as_the_maker_of_the_shared_key(self, house, dana):
        client = house.client(uuid4(), by=dana)
        with refused("not_certified"):
            make_vault(by=client, place=Place(VaultKind.SHARED, uuid4()), at=AT)

    def test_refuses_an_author_who_is_somebody_else(self, house, dana, sam):
        with refused("maker_of_kind"):
            make_vault(by=dana, place=Place(VaultKind.PROCESS, uuid4(), author=sam.holder), at=AT)

    def test_refuses_a_will_that_is_somebody_elses(self, house, dana, sam):
        with refused("maker_of_kind"):
            make_vault(by=sam, place=Place(VaultKind.WILL, dana.holder), at=AT)

    def test_refuses_a_maker_whom_nobody_confirmed(self, house, record):
        stranger = house.stranger()
        with refused("not_certified"):
            make_vault(by=stranger, place=record, at=AT)

    def test_refuses_if_the_recovery_key_is_missing(self, house, dana, record):
        Certificate.objects.filter(kind=Kind.RECOVERY, root=house.root_id).delete()
        with refused("no_recovery_key"):
            make_vault(by=dana, place=record, at=AT)

    def test_refuses_if_the_recovery_key_was_swapped(self, house, dana, record):
        planted = identity_of(house.stranger())
        recovery = house.founder.recovery_seeds.key_id
        Identity.objects.filter(key_id=recovery).update(kem_public=planted.kem_public)
        with refused("public_key_changed"):
            make_vault(by=dana, place=record, at=AT)

    def test_shows_no_key_when_printed(self, house, dana, record):
        vault = make_vault(by=dana, place=record, at=AT)
        assert vault._keys[1].hex() not in repr(vault)
        assert "bytes" not in repr(vault)


class TestWhoMayRead:
    """A role or a care team is a row, and rows can be written: the kind of the key decides, whatever they say."""

    @pytest.mark.parametrize("kind", [VaultKind.CONTACT, VaultKind.RECORD])
    def test_no_client_what_staff_make(self, house, dana, kind):
        subject = uuid4()
        client = house.client(subject, by=dana)
        vault = make_vault(by=dana, place=Place(kind, subject), at=AT)
        with refused("reader_of_kind"):
            vault.grant(vouched(house, client), at=AT)
        with refused("reader_of_kind"):
            make_vault(by=dana, place=Place(kind, uuid4()), readers=[vouched(house, client)], at=AT)

    def test_no_other_client_what_one_shares(self, house, dana):
        subject = uuid4()
        client, other = house.client(subject, by=dana), house.client(uuid4(), by=dana)
        vault = make_vault(by=client, place=Place(VaultKind.SHARED, subject), readers=[vouched(house, dana)], at=AT)
        with refused("reader_of_kind"):
            vault.grant(vouched(house, other), at=AT)

    def test_no_colleague_an_authors_own_notes(self, house, dana, sam):
        vault = make_vault(by=dana, place=Place(VaultKind.PROCESS, uuid4(), author=dana.holder), at=AT)
        with refused("reader_of_kind"):
            vault.grant(vouched(house, sam), at=AT)

    def test_no_recovery_key_that_the_root_did_not_certify(self, house, dana, record):
        vault = make_vault(by=dana, place=record, at=AT)
        with refused("reader_of_kind"):
            vault.grant(replace(vouch_for_recovery(Trust(house.root_id)), by_root=False), at=AT)

    def test_nobody_whose_public_key_was_swapped(self, house, dana, sam, record):
        vault = make_vault(by=dana, place=record, at=AT)
        Identity.objects.filter(key_id=sam.key_id).update(kem_public=identity_of(house.stranger()).kem_public)
        with refused("public_key_changed"):
            vault.grant(vouched(house, sam), at=AT)

    def test_a_colleague_in_care_later(self, house, dana, sam, record):
        vault = make_vault(by=dana, place=record, at=AT)
        assert not holds_key(key_id=sam.key_id, place=record)
        vault.grant(vouched(house, sam), at=AT)
        assert holds_key(key_id=sam.key_id, place=record)
        open_vault(by=sam, place=record)


class TestASealedTextOfAVault:
    def test_opens_only_after_its_look_is_in_the_log(self, house, dana, record):
        class NotLooked:
            def confirm(self):
                raise RuntimeError("no entry")

        vault = make_vault(by=dana, place=record, at=AT)
        blob = vault.seal(TEXT, bound_to=ROW)
        with pytest.raises(RuntimeError, match="no entry"):
            vault.unseal(blob, bound_to=ROW, receipt=NotLooked())

    @pytest.mark.parametrize(
        "elsewhere",
        [
            ("note/v1", uuid4(), "body", 1),  # another row
            (ROW[0], ROW[1], "summary", 1),  # another field
            (ROW[0], ROW[1], "body", 2),  # another revision
            ("draft/v1", ROW[1], "body", 1),  # another table
            ROW[:3],
            (*ROW, b""),
        ],
    )
    def test_breaks_in_every_other_place(self, house, dana, record, elsewhere):
        vault = make_vault(by=dana, place=record, at=AT)
        blob = vault.seal(TEXT, bound_to=ROW)
        with pytest.raises(SealBroken):
            vault.unseal(blob, bound_to=elsewhere, receipt=SEEN)

    def test_breaks_in_another_vault(self, house, dana, record):
        blob = make_vault(by=dana, place=record, at=AT).seal(TEXT, bound_to=ROW)
        other = make_vault(by=dana, place=replace(record, subject=uuid4()), at=AT)
        with pytest.raises(SealBroken):
            other.unseal(blob, bound_to=ROW, receipt=SEEN)

    def test_of_an_older_generation_opens_with_the_older_key(self, house, dana, record):
        vault = make_vault(by=dana, place=record, at=AT)
        old = vault.seal("old", bound_to=ROW)
        next_generation(record, by=dana, to=[dana], old_key=vault._keys[1])
        reopened = open_vault(by=dana, place=record)
        new = reopened.seal("new", bound_to=ROW)
        assert (old[5], new[5]) == (1, 2)
        assert [reopened.unseal(blob, bound_to=ROW, receipt=SEEN) for blob in (old, new)] == ["old", "new"]

    def test_of_a_generation_never_held_stays_closed(self, house, dana, sam, record):
        vault = make_vault(by=dana, place=record, at=AT)
        old = vault.seal("old", bound_to=ROW)
        next_generation(record, by=dana, to=[dana, sam], old_key=vault._keys[1])
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=record).unseal(old, bound_to=ROW, receipt=SEEN)


class TestOpenVault:
    def test_says_that_there_is_none(self, house, dana, record):
        with pytest.raises(NoVault):
            open_vault(by=dana, place=record)
        assert find_vault(record) is None

    def test_says_that_there_is_no_grant(self, house, dana, sam, record):
        make_vault(by=dana, place=record, at=AT)
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=record)

    def test_needs_open_keys(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        with pytest.raises(KeysLocked):
            open_vault(by=LOCKED, place=record)

    def test_marks_the_commitment_once_and_then_trusts_the_mark(self, house, dana, record, monkeypatch):
        make_vault(by=dana, place=record, at=AT)
        open_vault(by=dana, place=record)
        statement = statement_of(record, generation_of(record))
        mine = independent.expand(dana.seeds.xwing, independent.framed("accept/v1"), 32)
        marked = independent.framed("accept/v1", dana.key_id, statement.encode())
        assert bytes(grant_of(record, dana).accepted) == hmac.digest(mine, marked, "sha256")
        monkeypatch.setattr("keys.services.generations._verify", lambda *_: pytest.fail("verified again"))
        open_vault(by=dana, place=record)

    def test_does_not_let_one_bad_key_hide_the_others(self, house, dana):
        good, bad, none, ungranted = (Place(VaultKind.RECORD, uuid4()) for _ in range(4))
        for place in (good, bad, ungranted):
            make_vault(by=dana, place=place, at=AT)
        Grant.objects.filter(pk=grant_of(bad, dana).pk).update(wrap=bytes(1168))
        grant_of(ungranted, dana).delete()
        places = [good, bad, none, ungranted]
        opened = open_vaults(by=dana, kind=VaultKind.RECORD, subjects=[place.subject for place in places])
        kinds = [type(opened[place.subject]) for place in places]
        assert [kind.__name__ for kind in kinds] == ["OpenVault", "KeyRefused", "NoVault", "NoGrant"]
        assert all(issubclass(kind, KeysError) for kind in kinds[1:])
