"""Somebody writes the database: public keys, certificates and the root are believed as far as they were signed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from keys.errors import CodesRefused, KeyRefused
from keys.models import (
    Certificate,
    Identity,
    InvitationKey,
    PracticeKey,
    RecoveryShare,
    Revocation,
    Root,
)
from keys.services import (
    Founder,
    VaultKind,
    draw_code,
    keep_recovery_codes,
    make_vault,
    open_with_recovery_codes,
    rehearse_recovery,
    sign_as_practice,
    verified_practice_key,
    vouch_for_holder,
)
from keys.services.certifying import Issuer, issue_certificate
from keys.services.places import Place
from keys.services.trust import Trust
from keys.statements import Kind
from tests.keys.house import identity_of
from tests.security.writing import share, update

A_DAY = timedelta(days=1)


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
