"""Somebody writes the database: no account opens with another passphrase, and no planted role or care opens anything.

What cryptography cannot close stands here too (``TestWhatStaysOpen``), as the threat model says it.
"""

import hashlib
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from access.models import RoleHeld, Throttle, User
from access.roles import Role
from access.services.codes import next_code
from access.services.confirming import FingerprintChanged, confirm_staff, newcomers
from access.services.recovering import RecoveryRefused, Typed, recover
from access.services.signing_in import KeysRefused, Proof, SignInRefused, sign_in
from access.services.throttling import PER_ADDRESS, Throttled, count_try
from audit.actors import Nobody, Origin
from clients.models.retention import Tombstone
from keys.codes import read_code
from keys.errors import NoGrant, WrongPassphrase
from keys.kdf import expand, extract, read_verifier
from keys.models import (
    Identity,
    Revocation,
    SheetProof,
)
from keys.registry import Label
from keys.services import (
    VaultKind,
    draw_code,
    draw_recovery_code,
    open_identity,
    reseal_identity,
    split,
)
from keys.services.certifying import Issuer
from keys.services.replacing import revoke_key
from keys.services.trust import Trust
from practice.cast import enrol_newcomer
from tests.clients.keeping.ending import end_care
from tests.keys.house import identity_of
from tests.security.conftest import refusals
from tests.security.writing import update

A_DAY = timedelta(days=1)
VISITOR = Nobody(Origin(net="10.0.0.0/24"))


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
        settings.KEYS_DERIVE = "tests.security.test_written_accounts.never_derived"
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
    """Older rows of one's own."""

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
