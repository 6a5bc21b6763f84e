"""What a writer of the database tries with a vault: nothing opens, and nothing is accepted."""

import os
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from keys.errors import NoVault
from keys.kdf import expand
from keys.models import Generation, Grant, Root, Vault
from keys.registry import Label
from keys.services.founding import Founder
from keys.services.generations import grant_info, statement_of
from keys.services.places import Place
from keys.services.vaults import make_vault, open_vault
from keys.statements import VaultKind
from tests.keys.forgery import forge, planted
from tests.keys.house import AT, DAY, ROW, SEEN, TEXT, generation_of, grant_of, vouched
from tests.keys.refusals import refused


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
        row.signature = forger.sign(statement_of(record, row).encode())
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
        forged = house.stranger().acceptance(statement_of(record, generation_of(record)).encode())
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
        info = grant_info(forger.root_id, grant.vault_id, 1, forger.key_id, forger.seeds.kem_public)
        key = forger.unwrap(bytes(grant.wrap), info=info)
        Grant.objects.filter(pk=grant.pk).update(grantee=dana.key_id, wrap=planted(dana, grant, key))
        with refused("changed_root"):
            open_vault(by=dana, place=record)
