"""Whom to believe: every “may not” about certificates, roots and chains, each refused by name."""

import hashlib
from dataclasses import replace
from uuid import uuid4

import pytest

from keys.models import Certificate, Identity, Root
from keys.services.certifying import (
    Issuer,
    key_id_of_holder,
    vouch_for_holder,
)
from keys.services.founding import Founder
from keys.services.trust import Trust, certificate_statement
from keys.services.vaults import vouch_for_recovery
from keys.statements import Kind
from tests.keys.house import AT, DAY, certificate_of, identity_of
from tests.keys.refusals import refused


def resign(row, by):
    """Sign a certificate's row again, after it was altered."""
    row.issuer = by.key_id
    row.signature = by.signer.sign(certificate_statement(row).encode())
    row.save()


class TestACertificate:
    def test_by_the_root_is_believed(self, house):
        person = house.staff(may_certify=True)
        vouched = Trust(house.root_id).vouch(person.key_id)
        assert (vouched.holder, vouched.kind, vouched.may_certify) == (person.holder, Kind.STAFF, True)
        assert vouched.by_root
        assert vouched.above == 0

    def test_by_a_certifying_colleague_is_believed(self, house):
        person = house.staff(by=house.staff(may_certify=True))
        vouched = Trust(house.root_id).vouch(person.key_id)
        assert not vouched.by_root
        assert vouched.above == 1

    def test_is_verified_once_in_a_request(self, house, django_assert_num_queries):
        trust, person = Trust(house.root_id), house.staff()
        trust.vouch(person.key_id)
        with django_assert_num_queries(1):
            trust.vouch(person.key_id)

    def test_by_nobody_is_none(self, house):
        with refused("not_certified"):
            Trust(house.root_id).vouch(house.stranger().key_id)

    @pytest.mark.parametrize("field", ["signature", "issued_at", "may_certify"])
    def test_that_was_altered_is_refused(self, house, field):
        row = certificate_of(house.staff())
        values = {"signature": bytes(3373), "issued_at": AT + DAY, "may_certify": True}
        Certificate.objects.filter(pk=row.pk).update(**{field: values[field]})
        with refused("certificate_signature"):
            Trust(house.root_id).vouch(bytes(row.key_id))

    def test_by_a_colleague_who_may_not_certify_is_refused(self, house):
        person = house.staff(by=house.staff(may_certify=False))
        with refused("issuer_may_not_certify"):
            Trust(house.root_id).vouch(person.key_id)

    def test_by_somebody_unknown_is_refused(self, house):
        person = house.staff(by=house.stranger())
        with refused("issuer_unknown"):
            Trust(house.root_id).vouch(person.key_id)

    def test_by_a_client_is_refused(self, house):
        client = house.client(uuid4(), by=house.staff())
        person = house.staff(by=client)
        with refused("issuer_unknown"):
            Trust(house.root_id).vouch(person.key_id)

    def test_under_another_root_is_refused(self, house):
        person = house.staff()
        with refused("changed_root"):
            Trust(Founder.draw().root_id).vouch(person.key_id)

    def test_of_a_client_never_allows_to_certify(self, house):
        client = house.client(uuid4(), by=house.staff())
        row = certificate_of(client)
        statement = replace(certificate_statement(row), may_certify=1, issuer=house.root_id)
        with refused("only_staff_certify"):
            Trust(house.root_id)._issuer(statement, 0)

    def test_names_the_reason_of_the_newest_one(self, house):
        person = house.staff()
        row = certificate_of(person)
        Certificate.objects.create(
            **{f.name: getattr(row, f.name) for f in Certificate._meta.fields if f.name not in {"id", "issued_at"}},
            issued_at=AT + DAY,
        )
        assert Trust(house.root_id).vouch(person.key_id).holder == person.holder
        Certificate.objects.filter(pk=row.pk).delete()
        with refused("certificate_signature"):
            Trust(house.root_id).vouch(person.key_id)

    def test_for_another_client_does_not_serve(self, house):
        client = house.client(uuid4(), by=house.staff())
        with refused("not_certified"):
            Trust(house.root_id).vouch(client.key_id, subject=uuid4())

    def test_that_a_commitment_did_not_name_does_not_serve(self, house):
        person = house.staff()
        with refused("not_certified"):
            Trust(house.root_id).vouch(person.key_id, cert_hash=bytes(32))


class TestPublicKeys:
    @pytest.mark.parametrize("column", ["kem_public", "sig_public"])
    def test_swapped_in_the_database_are_refused(self, house, column):
        person, other = house.staff(), house.stranger()
        Identity.objects.filter(key_id=person.key_id).update(**{column: getattr(identity_of(other), column)})
        with refused("public_key_changed"):
            Trust(house.root_id).vouch(person.key_id)

    def test_that_belong_to_nobody_are_refused(self, house):
        person = house.staff()
        Identity.objects.filter(key_id=person.key_id).delete()
        with refused("no_such_key"):
            Trust(house.root_id).vouch(person.key_id)
        with refused("no_such_key"):
            key_id_of_holder(person.holder)

    def test_with_the_id_of_others_are_refused_even_if_signed_for(self, house):
        person, other = house.staff(), identity_of(house.stranger())
        Identity.objects.filter(key_id=person.key_id).update(kem_public=other.kem_public, sig_public=other.sig_public)
        row, identity = certificate_of(person), identity_of(person)
        row.kem_hash = hashlib.sha256(bytes(identity.kem_public)).digest()
        row.sig_hash = hashlib.sha256(bytes(identity.sig_public)).digest()
        resign(row, house.root)
        with refused("public_key_changed"):
            Trust(house.root_id).vouch(person.key_id)

    def test_are_not_certified_under_the_id_of_others(self, house):
        person, other = house.stranger(), identity_of(house.stranger())
        Identity.objects.filter(key_id=person.key_id).update(kem_public=other.kem_public)
        with refused("public_key_changed"):
            house.certify(house.root, identity_of(person))


class TestTheRoot:
    def test_that_is_missing_is_refused(self, house):
        person = house.staff()
        Root.objects.filter(root_id=house.root_id).delete()
        with refused("changed_root"):
            Trust(house.root_id).vouch(person.key_id)

    def test_whose_keys_were_swapped_is_refused(self, house):
        person, forger = house.staff(), Founder.draw()
        Root.objects.filter(root_id=house.root_id).update(sig_public=forger.signer.public.raw)
        with refused("changed_root"):
            Trust(house.root_id).vouch(person.key_id)

    def test_pinned_in_a_bundle_wins_over_the_one_in_the_database(self, house):
        mine, forger = house.staff(), type(house)()
        Root.objects.filter(root_id=house.root_id).delete()
        forger.found()
        planted = forger.staff()
        with refused("changed_root"):
            vouch_for_holder(by=mine, holder=planted.holder)


class TestTheRecoveryKey:
    def test_is_certified_by_the_root(self, house):
        assert vouch_for_recovery(Trust(house.root_id)).by_root

    def test_by_a_certifying_colleague_is_refused(self, house):
        Certificate.objects.filter(kind=Kind.RECOVERY, root=house.root_id).delete()
        planted = house.stranger()
        house.certify(Issuer.person(house.staff(may_certify=True)), identity_of(planted), kind=Kind.RECOVERY)
        with refused("recovery_issuer"):
            vouch_for_recovery(Trust(house.root_id))
        with refused("recovery_issuer"):
            Trust(house.root_id).vouch(planted.key_id)

    def test_that_is_missing_is_refused(self, house):
        Certificate.objects.filter(kind=Kind.RECOVERY, root=house.root_id).delete()
        with refused("no_recovery_key"):
            vouch_for_recovery(Trust(house.root_id))

    def test_that_stands_on_a_colleagues_certificate_is_refused(self, house):
        person = house.staff()
        planted = certificate_of(person)
        planted.pk, planted.kind, planted.issued_at = None, Kind.RECOVERY, AT + DAY
        planted.save(force_insert=True)
        with refused("recovery_issuer"):
            vouch_for_recovery(Trust(house.root_id))


class TestAChain:
    def make(self, house, length):
        """Make a chain of so many certificates between the root and the last person."""
        person = house.staff(may_certify=True)
        for _ in range(length):
            person = house.staff(may_certify=True, by=person)
        return person

    def test_of_eight_is_believed(self, house):
        assert Trust(house.root_id).vouch(self.make(house, 8).key_id).above == 8

    def test_of_nine_is_refused(self, house):
        last = self.make(house, 9)
        with refused("chain_too_long"):
            Trust(house.root_id).vouch(last.key_id)

    def test_of_nine_is_refused_after_a_part_of_it_was_believed(self, house):
        middle = self.make(house, 5)
        trust = Trust(house.root_id)
        trust.vouch(middle.key_id)
        last = middle
        for _ in range(4):
            last = house.staff(may_certify=True, by=last)
        with refused("chain_too_long"):
            trust.vouch(last.key_id)

    def test_counts_an_invitation_as_one(self, house):
        inviter = self.make(house, 6)
        assert Trust(house.root_id).vouch(house.client(uuid4(), by=inviter).key_id).above == 8
        too_far = house.client(uuid4(), by=house.staff(by=inviter))
        with refused("chain_too_long"):
            Trust(house.root_id).vouch(too_far.key_id)

    def test_that_bites_its_tail_ends(self, house):
        one = house.stranger()
        other = house.staff(may_certify=True, by=one)
        house.certify(Issuer.person(other), identity_of(one), may_certify=True)
        with refused("chain_too_long"):
            Trust(house.root_id).vouch(one.key_id)
