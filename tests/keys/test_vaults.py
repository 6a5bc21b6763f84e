"""Vaults: who may make and read which, and what a writer of the database tries; nothing opens, nothing is accepted."""

import hmac
import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from keys.errors import KeyRefused, KeysError, KeysLocked, NoGrant, NoVault, SealBroken
from keys.kdf import expand
from keys.keyring import LOCKED, Keyring
from keys.models import Certificate, Generation, Grant, Identity, Root, Vault
from keys.registry import Label
from keys.services.certifying import confirm_client
from keys.services.founding import Founder
from keys.services.places import Place
from keys.services.trust import Trust
from keys.services.vaults import (
    _info,
    _statement,
    find_vault,
    holds_key,
    make_vault,
    open_vault,
    open_vaults,
    vouch_for_recovery,
)
from keys.statements import Kind, VaultKind
from keys.wrapping import wrap
from tests.keys import independent
from tests.keys.house import AT, DAY, SEEN, certificate_of, generation_of, grant_of, identity_of, next_generation

TEXT = "What was said stays here."
ROW = ("note/v1", uuid4(), "body", 1)


@pytest.fixture
def dana(house):
    return house.staff()


@pytest.fixture
def sam(house):
    return house.staff()


@pytest.fixture
def record():
    return Place(VaultKind.RECORD, uuid4())


def vouched(house, person, **kwargs):
    return Trust(house.root_id).vouch(person.key_id, **kwargs)


@contextmanager
def refused(reason):
    """Expect a refusal for this reason, and that no reader's mark and no grant was written."""
    before = list(Grant.objects.order_by("pk").values_list("pk", "accepted", "wrap"))
    with pytest.raises(KeyRefused) as caught:
        yield
    assert caught.value.reason == reason
    assert list(Grant.objects.order_by("pk").values_list("pk", "accepted", "wrap")) == before


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
        statement = _statement(record, generation_of(record))
        mine = independent.expand(dana.seeds.xwing, independent.framed("accept/v1"), 32)
        marked = independent.framed("accept/v1", dana.key_id, statement.encode())
        assert bytes(grant_of(record, dana).accepted) == hmac.digest(mine, marked, "sha256")
        monkeypatch.setattr("keys.services.vaults._verify_commitment", lambda *_: pytest.fail("verified again"))
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


class TestAWriterOfTheDatabase:
    """Each tries to have a key believed, or a text sealed under a key that they know."""

    def test_cannot_move_a_vault_to_another_client(self, house, dana, record):
        blob = make_vault(by=dana, place=record, at=AT).seal(TEXT, bound_to=ROW)
        open_vault(by=dana, place=record)
        victim = uuid4()
        Vault.objects.filter(subject=record.subject).update(subject=victim)
        with refused("commitment_signature"):
            open_vault(by=dana, place=replace(record, subject=victim)).unseal(blob, bound_to=ROW, receipt=SEEN)
        with pytest.raises(NoVault):
            open_vault(by=dana, place=record)

    def test_cannot_change_the_kind_of_a_vault(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        Vault.objects.filter(subject=record.subject).update(kind=VaultKind.CONTACT)
        with refused("commitment_signature"):
            open_vault(by=dana, place=replace(record, kind=VaultKind.CONTACT))

    def test_cannot_pass_a_clients_vault_off_as_the_record(self, house, dana):
        subject = uuid4()
        client = house.client(subject, by=dana)
        make_vault(by=client, place=Place(VaultKind.SHARED, subject), readers=[vouched(house, dana)], at=AT)
        Vault.objects.filter(subject=subject).update(kind=VaultKind.RECORD)
        with refused("maker_of_kind"):
            open_vault(by=dana, place=Place(VaultKind.RECORD, subject))

    def test_cannot_give_an_authors_notes_another_author(self, house, dana, sam):
        place = Place(VaultKind.PROCESS, uuid4(), author=dana.holder)
        make_vault(by=dana, place=place, at=AT)
        Vault.objects.filter(author=dana.holder).update(author=sam.holder)
        with refused("maker_of_kind"):
            open_vault(by=dana, place=replace(place, author=sam.holder))

    def test_cannot_wrap_a_key_of_their_own_to_a_reader(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        grant = grant_of(record, dana)
        Grant.objects.filter(pk=grant.pk).update(wrap=planted(dana, grant))
        with refused("commitment"):
            open_vault(by=dana, place=record)

    def test_cannot_wrap_their_key_to_a_reader_who_accepted_before(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        open_vault(by=dana, place=record)
        grant = grant_of(record, dana)
        Grant.objects.filter(pk=grant.pk).update(wrap=planted(dana, grant))
        with refused("commitment"):
            open_vault(by=dana, place=record)

    def test_cannot_move_a_wrap_from_another_vault_or_reader(self, house, dana, sam, record):
        other = replace(record, subject=uuid4())
        for place in (record, other):
            make_vault(by=dana, place=place, readers=[vouched(house, sam)], at=AT)
        for wrapped in (grant_of(other, dana).wrap, grant_of(record, sam).wrap):
            Grant.objects.filter(pk=grant_of(record, dana).pk).update(wrap=wrapped)
            with refused("grant_forged"):
                open_vault(by=dana, place=record)

    def test_cannot_break_a_list_with_a_point_of_low_order(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        grant = grant_of(record, dana)
        wrapped = bytes(grant.wrap)
        Grant.objects.filter(pk=grant.pk).update(wrap=wrapped[:1088] + bytes(32) + wrapped[1120:])
        with refused("grant_forged"):
            open_vault(by=dana, place=record)

    def test_cannot_sign_a_commitment_as_a_stranger(self, house, dana, record):
        forge(record, victim=dana, forger=house.stranger(), cert_hash=bytes(32))
        with refused("not_certified"):
            open_vault(by=dana, place=record)

    def test_cannot_sign_a_commitment_of_the_record_as_a_client(self, house, dana, record):
        forger = house.client(record.subject, by=dana)
        forge(record, victim=dana, forger=forger, cert_hash=vouched(house, forger).cert_hash)
        with refused("maker_of_kind"):
            open_vault(by=dana, place=record)

    def test_cannot_sign_a_commitment_in_the_name_of_its_maker(self, house, dana, record):
        forger = house.stranger()
        make_vault(by=dana, place=record, at=AT)
        row = generation_of(record)
        row.commit = expand(bytes(32), Label.COMMIT)
        row.signature = forger.sign(_statement(record, row).encode())
        row.save()
        grant = grant_of(record, dana)
        Grant.objects.filter(pk=grant.pk).update(wrap=planted(dana, grant))
        with refused("commitment_signature"):
            open_vault(by=dana, place=record)

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            ("made_at", AT + timedelta(seconds=1), "commitment_signature"),
            ("prev", b"p" * 32, "commitment_signature"),
            ("maker_cert_hash", bytes(32), "not_certified"),
            ("maker", bytes(16), "not_certified"),
            ("root", bytes(32), "changed_root"),
            ("commit", bytes(32), "commitment"),
            ("suite", 2, "suite"),
            ("signature", b"", "commitment_signature"),
        ],
    )
    def test_cannot_alter_a_commitment(self, house, dana, record, column, value, reason):
        make_vault(by=dana, place=record, at=AT)
        Generation.objects.filter(pk=generation_of(record).pk).update(**{column: value})
        with refused(reason):
            open_vault(by=dana, place=record)

    def test_cannot_delete_a_commitment(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        generation_of(record).delete()
        with refused("no_commitment"):
            open_vault(by=dana, place=record)

    def test_cannot_forge_the_mark_of_acceptance(self, house, dana, sam, record):
        make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        open_vault(by=sam, place=record)
        row = generation_of(record)
        Generation.objects.filter(pk=row.pk).update(made_at=AT + DAY)
        copied = bytes(grant_of(record, sam).accepted)
        forged = house.stranger().acceptance(_statement(record, generation_of(record)).encode())
        for mark in (copied, forged, os.urandom(32), b""):
            Grant.objects.filter(pk=grant_of(record, dana).pk).update(accepted=mark)
            with refused("commitment_signature"):
                open_vault(by=dana, place=record)

    def test_cannot_swap_the_root(self, house, dana, record):
        make_vault(by=dana, place=record, at=AT)
        forger = Founder.draw()
        Root.objects.filter(root_id=house.root_id).update(sig_public=forger.signer.public.raw)
        with refused("changed_root"):
            open_vault(by=dana, place=record)

    def test_cannot_found_the_vault_under_another_root(self, house, dana, record):
        other = type(house)()
        other.found()
        forger = other.staff()
        make_vault(by=forger, place=record, at=AT)
        grant = grant_of(record, forger)
        info = _info(forger.root_id, grant.vault_id, 1, forger.key_id, forger.seeds.kem_public)
        key = forger.unwrap(bytes(grant.wrap), info=info)
        Grant.objects.filter(pk=grant.pk).update(grantee=dana.key_id, wrap=planted(dana, grant, key))
        with refused("changed_root"):
            open_vault(by=dana, place=record)


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


@contextmanager
def refused_after_the_first(reason, place, person):
    """As `refused`; only the generation before, which is genuine, may have been accepted on the way."""
    with pytest.raises(KeyRefused) as caught:
        yield
    assert caught.value.reason == reason
    grants = Grant.objects.filter(vault=find_vault(place), grantee=person.key_id)
    assert not bytes(grants.get(generation=2).accepted)


def forge(place, *, victim, forger, cert_hash):
    """Write a first generation that a forger signed, whose key they know and the victim is to believe."""
    make_vault(by=victim, place=place, at=AT)
    row, grant = generation_of(place), grant_of(place, victim)
    row.commit, row.maker, row.maker_cert_hash = expand(bytes(32), Label.COMMIT), forger.key_id, cert_hash
    row.signature = forger.sign(_statement(place, row).encode())
    row.save()
    Grant.objects.filter(pk=grant.pk).update(wrap=planted(victim, grant))


def planted(victim, grant, key=bytes(32)):
    """Wrap a key that a forger knows to the victim, for the very place of this grant."""
    kem_public = victim.seeds.kem_public
    return wrap(
        key, to=kem_public, info=_info(victim.root_id, grant.vault_id, grant.generation, victim.key_id, kem_public)
    )
