"""Somebody writes the database, knows every format and holds no key: nothing opens, and nothing is believed.

What cryptography cannot close stands here too (``TestWhatStaysOpen``), as the threat model says it.
"""

import hashlib
from datetime import timedelta
from itertools import permutations, product
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from access.devices import TotpDevice
from access.models import RoleHeld, Throttle, User
from access.roles import Role
from access.services.addresses import open_address
from access.services.codes import next_code
from access.services.confirming import FingerprintChanged, confirm_staff, newcomers
from access.services.recovering import RecoveryRefused, Typed, recover
from access.services.signing_in import KeysRefused, Proof, SignInRefused, sign_in
from access.services.throttling import PER_ADDRESS, Throttled, count_try
from audit.actors import Nobody, Origin
from clients.retention import Tombstone
from clients.services.sharing import recipient_of, share_keys
from keys.codes import read_code
from keys.columns import columns_of_vault
from keys.context import encode
from keys.errors import CodesRefused, KeyRefused, KeysError, NoGrant, SealBroken, WrongPassphrase
from keys.kdf import expand, extract, read_verifier
from keys.models import (
    Certificate,
    Generation,
    Grant,
    Identity,
    InvitationKey,
    PracticeKey,
    RecoveryShare,
    Revocation,
    Root,
    SheetProof,
    Vault,
)
from keys.registry import Label
from keys.sealing import unseal
from keys.services import (
    Founder,
    VaultKind,
    draw_code,
    draw_recovery_code,
    flag_rotation,
    holders_of,
    keep_recovery_codes,
    let_expire,
    make_vault,
    open_identity,
    open_with_recovery_codes,
    rehearse_recovery,
    reseal_identity,
    sign_as_practice,
    split,
    turn_key,
    verified_practice_key,
    vouch_for_holder,
)
from keys.services.certifying import Issuer, issue_certificate
from keys.services.identities import bundle_context, recovery_context
from keys.services.places import Place
from keys.services.replacing import revoke_key
from keys.services.trust import Trust
from keys.statements import Kind
from practice.cast import enrol_newcomer
from tests.clients.keeping.ending import end_care
from tests.keys.forgery import planted
from tests.keys.house import SEEN, identity_of, next_generation
from tests.security.conftest import refusals

A_DAY = timedelta(days=1)
VISITOR = Nobody(Origin(net="10.0.0.0/24"))


def update(rows, **columns):
    assert rows.update(**columns)


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
            (full.open(kind), bytes(getattr(row, column.column)), column.texts.bound_to(row))
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


def share(case, person, *, at=None):
    """Let Dana press *Share* for somebody, as the page shows them now."""
    seen = recipient_of(User.objects.get(pk=person.user.pk), case.client).seen
    return share_keys(by=case.desk.by, client=case.client, seen=frozenset([seen]), at=at or timezone.now())


class TestAPublicKey:
    def test_of_a_colleague_is_given_nothing_once_it_was_swapped(self, case, untouched):
        case.put_in_care(case.cast.sam)
        update(Identity.objects.filter(holder=case.sam.holder), kem_public=case.stranger.seeds.kem_public)
        with untouched(), pytest.raises(KeyRefused, match="public_key_changed"):
            share(case, case.cast.sam)

    def test_with_its_id_is_given_nothing_either(self, case, untouched):
        case.put_in_care(case.cast.sam)
        Identity.objects.filter(holder=case.sam.holder).delete()
        update(Identity.objects.filter(key_id=case.stranger.key_id), holder=case.sam.holder)
        with untouched(), pytest.raises(KeyRefused, match="not_certified"):
            share(case, case.cast.sam)

    def test_of_the_recovery_key_is_given_no_new_vault(self, case, untouched):
        row = Certificate.objects.get(kind=Kind.RECOVERY)
        update(Identity.objects.filter(key_id=row.key_id), kem_public=case.stranger.seeds.kem_public)
        with untouched(), pytest.raises(KeyRefused, match="public_key_changed"):
            make_vault(by=case.dana, place=Place(VaultKind.RECORD, uuid4()), at=timezone.now())


class TestACertificate:
    @pytest.mark.parametrize(
        ("columns", "reason"),
        [
            ({"may_certify": True}, "certificate_signature"),
            ({"issuer": bytes(16)}, "issuer_unknown"),
            ({"root": bytes(32)}, "changed_root"),
            ({"issued_at": timezone.now()}, "certificate_signature"),
            ({"signature": b"s" * 3373}, "certificate_signature"),
        ],
    )
    def test_that_was_altered_is_none(self, case, untouched, columns, reason):
        case.put_in_care(case.cast.sam)
        update(Certificate.objects.filter(holder=case.sam.holder), **columns)
        with untouched(), pytest.raises(KeyRefused, match=reason):
            share(case, case.cast.sam)

    def test_made_by_oneself_or_by_who_may_not_is_none(self, case):
        row = identity_of(case.stranger)
        for issuer in (
            Issuer.person(case.stranger),
            Issuer.person(case.sam),
            Issuer.person(case.cast.robin.person.keys),
        ):
            Certificate.objects.filter(holder=case.stranger.holder).delete()
            issue_certificate(issuer, row, kind=Kind.STAFF, may_certify=True, subject=None, at=timezone.now())
            with pytest.raises(KeyRefused, match=r"issuer_unknown|issuer_may_not_certify|chain_too_long"):
                vouch_for_holder(by=case.dana, holder=case.stranger.holder)

    def test_lets_no_client_certify(self, case):
        rows = Certificate.objects.filter(holder=case.cast.robin.person.keys.holder)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(may_certify=True)
        update(rows, may_certify=True, kind=Kind.STAFF, subject=None)
        with pytest.raises(KeyRefused, match="invitation_mismatch"):
            Trust(case.dana.root_id).vouch(case.cast.robin.person.keys.key_id)

    def test_by_an_invitation_that_has_expired_is_none(self, case):
        """Neither with the invitation as it was, nor with another date written into it."""
        invitation = InvitationKey.objects.get(subject=case.client.pk)
        update(Certificate.objects.filter(subject=case.client.pk), issued_at=invitation.expires_at + A_DAY)
        robin = case.cast.robin.person.keys.key_id
        with pytest.raises(KeyRefused, match="invitation_mismatch"):
            Trust(case.dana.root_id).vouch(robin, subject=case.client.pk)
        update(InvitationKey.objects.all(), expires_at=invitation.expires_at + 2 * A_DAY)
        with pytest.raises(KeyRefused, match="invitation_signature"):
            Trust(case.dana.root_id).vouch(robin, subject=case.client.pk)

    def test_for_another_client_is_none(self, case):
        update(Certificate.objects.filter(subject=case.client.pk), subject=case.cast.noor.client_id)
        with pytest.raises(KeyRefused, match="invitation_mismatch"):
            Trust(case.dana.root_id).vouch(case.cast.robin.person.keys.key_id)

    def test_is_ended_by_no_revocation_that_nobody_signed(self, case):
        now = timezone.now()
        facts = {"key_id": case.sam.key_id, "root": case.dana.root_id, "number": 9, "since": now - A_DAY}
        for issuer in (case.stranger, case.sam):
            Revocation.objects.all().delete()
            Revocation.objects.create(**facts, issuer=issuer.key_id, signature=issuer.sign(b"revoke"))
            assert not Trust(case.dana.root_id).is_revoked(case.sam.key_id, at=now)


class TestTheRoot:
    def test_and_the_keys_of_the_practice_are_believed_from_the_bundle_alone(self, case):
        """A whole other root, with practice keys of its own."""
        forger = Founder.draw()
        Root.objects.create(root_id=forger.root_id, sig_public=forger.signer.public.raw, made_at=timezone.now())
        for name in ("record", "log"):
            update(PracticeKey.objects.filter(name=name), public=bytes(32), root=forger.root_id)
            with pytest.raises(KeyRefused, match="practice_key_changed"):
                verified_practice_key(name, under=Trust(case.dana.root_id))
            with pytest.raises(KeyRefused, match="practice_key_changed"):
                sign_as_practice(name, b"a record")
        Root.objects.filter(root_id=case.dana.root_id).delete()
        with pytest.raises(KeyRefused, match="changed_root"):
            vouch_for_holder(by=case.dana, holder=case.sam.holder)

    def test_is_not_the_one_that_planted_codes_open(self, case, untouched):
        """Envelopes and proofs of a forger's own sheets: his codes open his seed, and that is nobody's."""
        forger, codes = Founder.draw(), [draw_code() for _ in range(3)]
        keep_recovery_codes(forger, codes, needed=2)
        with pytest.raises(CodesRefused):
            open_with_recovery_codes(dict(enumerate(case.cast.codes[:2], start=1)))
        opened = open_with_recovery_codes(dict(enumerate(codes[:2], start=1)))
        with untouched(), pytest.raises(KeyRefused):
            rehearse_recovery(opened)

    def test_opens_with_no_other_set_of_codes_than_the_envelopes_own(self, case):
        first, second, third = RecoveryShare.objects.order_by("subset")
        update(RecoveryShare.objects.filter(pk=first.pk), sealed_seed=second.sealed_seed)
        with pytest.raises(CodesRefused):
            open_with_recovery_codes({1: case.cast.codes[0], 2: case.cast.codes[1]})
        assert third.subset == "2+3"


@pytest.fixture
def proof(case):
    dana = case.cast.dana
    return Proof(dana.address, dana.passphrase, next_code(dana.user).code)


def enter(proof):
    return sign_in(by=VISITOR, proof=proof, at=timezone.now())


def never_derived(secret, parameters):
    raise AssertionError("derived")


class TestAnAccount:
    @pytest.mark.parametrize("numbers", ["8$1$1", "65535$3$1", "65536$2$1", "262145$3$1", "65536$11$1", "65536$3$2"])
    def test_with_other_work_for_the_passphrase_is_refused_before_any(self, case, proof, settings, numbers):
        _, _, _, _, salt, stored = case.cast.dana.user.password.split("$")
        update(User.objects.filter(pk=case.cast.dana.user.pk), password=f"split1${numbers}${salt}${stored}")
        settings.KEYS_DERIVE = "tests.security.test_written_database.never_derived"
        before = refusals()
        with pytest.raises(KeysRefused):
            enter(proof)
        assert refusals() == before + 1

    def test_with_somebody_elses_verifier_and_bundle_opens_nobodys_keys(self, case, proof):
        sam, mine = case.cast.sam, Identity.objects.filter(holder=case.dana.holder)
        update(User.objects.filter(pk=case.dana.holder), password=sam.user.password)
        update(mine, sealed_bundle=identity_of(case.sam).sealed_bundle)
        with pytest.raises(KeysRefused):
            enter(Proof(proof.address, sam.passphrase, proof.code))

    def test_with_fresh_tries_still_wants_the_passphrase(self, case, proof):
        now = timezone.now()
        for _ in range(PER_ADDRESS.tries):
            count_try(PER_ADDRESS, proof.address, at=now)
        with pytest.raises(Throttled):
            enter(proof)
        Throttle.objects.all().delete()
        with pytest.raises(SignInRefused):
            enter(Proof(proof.address, "correct horse battery stapler", proof.code))

    def test_with_a_planted_sheet_has_no_second_factor(self, case):
        """A sheet stands in for the second factor of the only manager: one of one's own, even with the right code."""
        manager, mine = case.cast.manager, draw_code()
        raw = read_code(mine)
        proofs = [extract(raw, Label.RECOVERY_SHEET), hashlib.sha256(raw).digest(), expand(bytes(32), Label.KEK)]
        for row, proof in zip(SheetProof.objects.all(), proofs, strict=True):
            update(SheetProof.objects.filter(pk=row.pk), proof=proof)
        typed = Typed(manager.address, draw_recovery_code(manager.keys), mine, "seven quiet herons over water")
        with pytest.raises(RecoveryRefused):
            recover(by=VISITOR, typed=typed, at=timezone.now())


class TestWhoIsWhat:
    def test_a_planted_care_opens_no_page_and_no_vault(self, case, signed_in):
        browser, address = signed_in(case.cast.sam), reverse("clients:read", args=[case.client.pk])
        assert browser.get(address).status_code == 404
        case.put_in_care(case.cast.sam)
        answer = browser.get(address)
        assert case.cast.robin.name not in answer.content.decode()
        for kind in (VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD):
            with pytest.raises(NoGrant):
                case.open(kind, by=case.sam)

    def test_a_planted_role_certifies_nobody(self, case, untouched):
        enrol_newcomer(manager=case.cast.manager, name="Eve", address="eve@x.example", roles=(Role.THERAPIST,))
        RoleHeld.objects.create(user=case.cast.auditor.user, role=Role.MANAGER)
        by = case.cast.auditor.as_(Role.MANAGER)
        [row] = newcomers(by=by)
        with untouched(), pytest.raises(FingerprintChanged) as caught:
            confirm_staff(by=by, user_id=row.id, seen=row.fingerprint, grant_contacts=never, at=timezone.now())
        assert caught.value.__cause__.reason == "issuer_may_not_certify"

    def test_a_planted_role_opens_no_name(self, case, signed_in):
        RoleHeld.objects.create(user=case.cast.auditor.user, role=Role.MANAGER)
        answer = signed_in(case.cast.auditor).get(reverse("clients:read", args=[case.client.pk]))
        assert case.cast.robin.name not in answer.content.decode()

    def test_a_tombstone_stays(self, case):
        """The guard is a trigger: whoever takes that away too is told of by `check` and ``/healthz``."""
        end_care(case.cast, case.cast.dana, case.client).destroy()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM clients_tombstone")
        assert connection.needs_rollback is False
        assert Tombstone.objects.count() == 1


class TestWhatStaysOpen:
    """Who is a reader, and until when, is a row that nobody signed; so are older rows of one's own."""

    def test_a_row_before_the_key_is_replaced_makes_a_certified_colleague_a_reader(self, case):
        """For anybody whom the practice vouches for; and never for keys of one's own."""
        place, vault = case.place(VaultKind.RECORD), case.vault(VaultKind.RECORD)
        facts = {"vault": vault, "generation": 1, "granted_by": case.dana.key_id, "granted_at": timezone.now()}
        flag_rotation(places=[place], at=timezone.now())
        for keyring in (case.sam, case.stranger):
            Grant.objects.create(**facts, grantee=keyring.key_id, wrap=b"no wrap at all")
        turn_key(by=case.dana, place=place, at=timezone.now())
        with pytest.raises(KeyRefused):
            case.open(VaultKind.RECORD, by=case.sam)
        # Without the row that was planted there is no key of before to hold the new one to.
        Grant.objects.filter(vault=vault, generation=1, grantee=case.sam.key_id).delete()
        assert case.open(VaultKind.RECORD, by=case.sam).generation == 2
        with pytest.raises(NoGrant):
            case.open(VaultKind.RECORD, by=case.stranger)
        # Not in secret: the page says who can read the record.
        assert case.sam.holder in {row.holder for row in holders_of(place)}

    def test_a_later_expiry_lends_for_longer_and_no_longer_than_the_key(self, case):
        case.put_in_care(case.cast.sam)
        share(case, case.cast.sam)
        place, then = case.place(VaultKind.RECORD), timezone.now() - A_DAY
        let_expire(place=place, holder=case.sam.holder, expires_at=then)
        with pytest.raises(NoGrant):
            case.open(VaultKind.RECORD, by=case.sam)
        update(Grant.objects.filter(grantee=case.sam.key_id, expires_at=then), expires_at=None)
        case.open(VaultKind.RECORD, by=case.sam)

    def test_a_passphrase_row_of_before_takes_the_passphrase_of_before(self, case):
        dana, mine = case.cast.dana, Identity.objects.filter(holder=case.dana.holder)
        before, account = mine.values("sealed_bundle", "epoch").get(), User.objects.get(pk=dana.user.pk).password
        reseal_identity(case.dana, kek=bytes(32))
        with pytest.raises(WrongPassphrase):
            open_identity(holder=dana.user.pk, kek=split(dana.passphrase, read_verifier(account)[0]).kek)
        update(mine, **before)
        assert open_identity(holder=dana.user.pk, kek=split(dana.passphrase, read_verifier(account)[0]).kek)

    def test_a_revocation_can_be_deleted(self, case):
        now = timezone.now()
        revoke_key(Issuer.person(case.cast.manager.keys), key_id=case.sam.key_id, since=now - A_DAY)
        assert Trust(case.dana.root_id).is_revoked(case.sam.key_id, at=now)
        Revocation.objects.all().delete()
        assert not Trust(case.dana.root_id).is_revoked(case.sam.key_id, at=now)


def never(user):
    raise AssertionError(user)
