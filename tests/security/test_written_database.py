"""Somebody writes the database, knows every format and holds no key: nothing opens, and nothing is believed.

Here: vaults and texts. Beside it: `test_written_trust`, `test_written_readers`, `test_written_statements` and
`test_written_accounts`.
"""

from itertools import permutations, product
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from access.models import User
from access.models.devices import TotpDevice
from access.services.addresses import open_address
from keys.columns import columns_of_vault
from keys.context import encode
from keys.errors import KeyRefused, KeysError, NoGrant, SealBroken
from keys.kdf import read_verifier
from keys.models import (
    Generation,
    Grant,
    Root,
    Vault,
)
from keys.sealing import unseal
from keys.services import (
    Founder,
    VaultKind,
    flag_rotation,
    open_identity,
    split,
    turn_key,
)
from keys.services.identities import bundle_context, recovery_context
from tests.keys.forgery import planted
from tests.keys.house import SEEN, identity_of, next_generation
from tests.security.conftest import refusals
from tests.security.writing import update
from tests.stored import require_bound_alike

# What is written, and why the vault is refused to whoever held its key before.


def swap_wraps(case):
    update(Grant.objects.filter(pk=case.grant().pk), wrap=case.grant(VaultKind.RECORD).wrap)


def wrap_of_a_colleague(case):
    manager = case.cast.manager.keys
    update(Grant.objects.filter(pk=case.grant().pk), wrap=case.grant(to=manager).wrap)


def own_key(case):
    update(Grant.objects.filter(pk=case.grant().pk), wrap=planted(case.dana, case.grant()))


def grant_of_another_vault(case):
    case.grant().delete()
    update(Grant.objects.filter(pk=case.grant(VaultKind.RECORD).pk), vault=case.vault())


def vault_of_another_client(case):
    theirs, mine = case.vault(of=case.cast.noor.client_id), case.vault()
    update(Vault.objects.filter(pk=mine.pk), subject=uuid4())
    update(Vault.objects.filter(pk=theirs.pk), subject=case.client.pk)
    Grant.objects.create(
        vault=theirs,
        generation=1,
        grantee=case.dana.key_id,
        wrap=planted(case.dana, Grant(vault=theirs, generation=1)),
        granted_by=case.sam.key_id,
        granted_at=timezone.now(),
    )


def commitment_of_another_vault(case):
    theirs = Generation.objects.get(vault=case.vault(VaultKind.RECORD))
    update(Generation.objects.filter(vault=case.vault()), commit=theirs.commit, signature=theirs.signature)


def no_commitment(case):
    Generation.objects.filter(vault=case.vault()).delete()


def later_key_of_a_stranger(case):
    next_generation(case.place(), by=case.stranger, to=[case.dana], old_key=None, cert_hash=bytes(32))


def later_key_of_a_colleague(case):
    """Certified, with a good signature; only the key of before is missing."""
    next_generation(case.place(), by=case.sam, to=[case.dana], old_key=None)


def rolled_back(case):
    vaults = flag_rotation(places=[case.place()], at=timezone.now())
    turn_key(by=case.dana, place=case.place(), at=timezone.now())
    update(Vault.objects.filter(pk=case.vault().pk), current_generation=vaults)


def forged_mark(case):
    """A reader's own mark would spare the check of a commitment, so it is no other reader's and no stranger's."""
    rows = Generation.objects.filter(vault=case.vault())
    update(rows, made_at=timezone.now())
    update(Grant.objects.filter(pk=case.grant().pk), accepted=case.stranger.acceptance(b"statement"))


def other_root(case):
    update(Root.objects.all(), sig_public=Founder.draw().signer.public.raw)
    update(Grant.objects.filter(pk=case.grant().pk), accepted=b"")


def retired_suite(case):
    update(Generation.objects.filter(vault=case.vault()), suite=9)


OF_A_VAULT = [
    (swap_wraps, "grant_forged"),
    (wrap_of_a_colleague, "grant_forged"),
    (own_key, "commitment"),
    (grant_of_another_vault, "grant_forged"),
    (vault_of_another_client, "commitment"),
    (commitment_of_another_vault, "commitment"),
    (no_commitment, "no_commitment"),
    (later_key_of_a_stranger, "not_certified"),
    (later_key_of_a_colleague, "predecessor"),
    (rolled_back, "rolled_back"),
    (forged_mark, "commitment_signature"),
    (other_root, "changed_root"),
    (retired_suite, "suite"),
]


class TestAVault:
    @pytest.mark.parametrize(("write", "reason"), OF_A_VAULT, ids=[write.__name__ for write, _ in OF_A_VAULT])
    def test_is_refused_in_words_with_an_entry_and_nothing_is_written(self, case, signed_in, untouched, write, reason):
        browser, address = signed_in(case.cast.dana), reverse("clients:read", args=[case.client.pk])
        assert case.cast.robin.name in browser.get(address).content.decode()
        write(case)
        with untouched(), pytest.raises(KeyRefused, match=reason):
            case.open()
        before = refusals()
        with untouched():
            answer = browser.get(address)
        assert answer.status_code == 500
        assert "not one we can vouch for" in answer.content.decode()
        assert case.cast.robin.name not in answer.content.decode()
        assert refusals() == before + 1


class TestACiphertext:
    def test_opens_in_no_other_row_column_revision_or_vault(self, full):
        """Every text of Dana's four vaults, in every place of the others; each opens in its own."""
        texts = [
            (full.open(kind), bytes(getattr(row, column.column)), column.bind(row))
            for kind in VaultKind
            for column in columns_of_vault(kind)
            for row in column.rows_at(full.place(kind))
        ]
        assert len(texts) >= 20
        for vault, blob, bound_to in texts:
            vault.unseal(blob, bound_to=bound_to, receipt=SEEN)
        for (_, blob, _), (vault, _, bound_to) in permutations(texts, 2):
            with pytest.raises(KeysError):
                vault.unseal(blob, bound_to=bound_to, receipt=SEEN)

    def test_is_bound_alike_read_alone_and_among_thousands(self, full):
        """What rotation and search read is bound to the same columns, in the same bytes, as what a page opens."""
        assert sum(require_bound_alike(full.place(kind)) for kind in VaultKind) >= 20

    def test_of_somebodys_keys_opens_for_nobody_else(self, case):
        """Bundles between people, epochs and purposes, with the very keys that open each in its own place."""
        people = [case.cast.dana, case.cast.sam, case.cast.robin.person]
        rows = [identity_of(person.keys) for person in people]
        keks = [split(person.passphrase, parameters_of(person)).kek for person in people]
        for person, kek in zip(people, keks, strict=True):
            assert open_identity(holder=person.user.pk, kek=kek).seeds == person.keys.seeds
        contexts = [bundle_context(row.holder, bytes(row.key_id), row.epoch + more) for row in rows for more in (0, 1)]
        contexts += [recovery_context(row.holder, bytes(row.key_id), uuid4()) for row in rows]
        contexts += [encode("session/v1", row.holder, uuid4()) for row in rows]
        opened = 0
        for row, kek, context in product(rows, keks, contexts):
            try:
                unseal(kek, bytes(row.sealed_bundle), context=context)
            except SealBroken:
                continue
            opened += 1
        assert opened == len(people)

    def test_of_the_service_opens_in_no_other_row(self, case):
        for user, other in permutations(User.objects.all(), 2):
            with pytest.raises(SealBroken):
                open_address(user.sealed_email, row=other.pk)
        devices = list(TotpDevice.objects.all())
        for device, sealed in zip(devices, [row.sealed_seed for row in devices[1:]], strict=False):
            device.sealed_seed = sealed
            with pytest.raises(SealBroken):
                device.seed()

    def test_names_another_generation_in_vain(self, case):
        blob = bytearray(case.client.sealed_contact)
        blob[2:6] = (2).to_bytes(4, "big")
        with pytest.raises(NoGrant):
            case.open().unseal(bytes(blob), bound_to=("client-contact/v1", case.client.pk), receipt=SEEN)


def parameters_of(person):
    return read_verifier(User.objects.get(pk=person.user.pk).password)[0]
