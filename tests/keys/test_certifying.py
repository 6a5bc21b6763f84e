"""Vouching for newcomers: by an invitation, among the staff, and for a client whom somebody met."""

from uuid import uuid4

import pytest

from keys.models import Certificate, Identity, InvitationKey
from keys.services.certifying import (
    InvitationSeeds,
    certify_by_invitation,
    certify_staff,
    confirm_client,
    fingerprint_of_mine,
    fingerprint_of_row,
    is_confirmed,
)
from keys.services.founding import Founder
from keys.services.identities import store_public
from keys.services.trust import Trust, invitation_statement
from keys.statements import Kind
from keys.words import fingerprint_words
from tests.keys.house import AT, DAY, identity_of, invitation_of
from tests.keys.refusals import refused


class TestAnInvitation:
    def test_certifies_the_one_client_it_is_for(self, house):
        subject = uuid4()
        client = house.client(subject, by=house.staff())
        vouched = Trust(house.root_id).vouch(client.key_id, subject=subject)
        assert vouched.kind == Kind.CLIENT
        assert vouched.by_invitation

    def test_for_another_subject_is_refused(self, house):
        person, seeds = house.stranger(), InvitationSeeds.fresh()
        house.invite(seeds, person.holder, uuid4(), by=house.staff())
        certify_by_invitation(by=person, root_id=house.root_id, seeds=seeds, subject=uuid4(), at=AT)
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(person.key_id)

    def test_for_another_holder_is_refused(self, house):
        person, seeds, subject = house.stranger(), InvitationSeeds.fresh(), uuid4()
        house.invite(seeds, uuid4(), subject, by=house.staff())
        certify_by_invitation(by=person, root_id=house.root_id, seeds=seeds, subject=subject, at=AT)
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(person.key_id)

    @pytest.mark.parametrize("at", [AT - DAY, AT + 8 * DAY])
    def test_outside_its_days_is_refused(self, house, at):
        person, seeds, subject = house.stranger(), InvitationSeeds.fresh(), uuid4()
        house.invite(seeds, person.holder, subject, by=house.staff())
        certify_by_invitation(by=person, root_id=house.root_id, seeds=seeds, subject=subject, at=at)
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(person.key_id)

    def test_never_makes_a_colleague(self, house):
        person, seeds, inviter = house.stranger(), InvitationSeeds.fresh(), house.staff(may_certify=True)
        house.invite(seeds, person.holder, uuid4(), by=inviter)
        house.certify(seeds.issuer(house.root_id), identity_of(person))
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(person.key_id)

    def test_that_claims_to_be_for_a_colleague_is_refused(self, house):
        inviter = house.staff(may_certify=True)
        client = house.client(uuid4(), by=inviter)
        row = invitation_of(client.holder)
        row.kind = Kind.STAFF
        row.signature = inviter.sign(invitation_statement(row).encode())
        row.save()
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(client.key_id)

    def test_by_somebody_unknown_is_refused(self, house):
        client = house.client(uuid4(), by=house.stranger())
        with refused("issuer_unknown"):
            Trust(house.root_id).vouch(client.key_id)

    def test_by_a_client_is_refused(self, house):
        client = house.client(uuid4(), by=house.client(uuid4(), by=house.staff()))
        with refused("issuer_unknown"):
            Trust(house.root_id).vouch(client.key_id)

    def test_under_another_root_is_refused(self, house):
        client = house.client(uuid4(), by=house.staff())
        InvitationKey.objects.filter(holder=client.holder).update(root=bytes(32))
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(client.key_id)

    def test_whose_key_was_swapped_is_refused(self, house):
        client, forger = house.client(uuid4(), by=house.staff()), InvitationSeeds.fresh()
        InvitationKey.objects.filter(holder=client.holder).update(sig_public=forger.signer.public.raw)
        with refused("invitation_mismatch"):
            Trust(house.root_id).vouch(client.key_id)

    def test_that_was_altered_is_refused(self, house):
        client = house.client(uuid4(), by=house.staff())
        InvitationKey.objects.filter(holder=client.holder).update(expires_at=AT + 30 * DAY)
        with refused("invitation_signature"):
            Trust(house.root_id).vouch(client.key_id)

    def test_does_not_certify_what_it_did_not_sign(self, house):
        client = house.client(uuid4(), by=house.staff())
        Certificate.objects.filter(key_id=client.key_id).update(signature=bytes(3373))
        with refused("certificate_signature"):
            Trust(house.root_id).vouch(client.key_id)


class TestCertifyByInvitation:
    def test_refuses_an_invitation_that_pins_another_root(self, house):
        person, seeds = house.stranger(), InvitationSeeds.fresh()
        with refused("changed_root"):
            certify_by_invitation(by=person, root_id=bytes(32), seeds=seeds, subject=uuid4(), at=AT)

    def test_refuses_keys_that_are_not_my_own(self, house):
        # Else a writer of the database who swaps the row between two pages is wrapped everything in my name.
        person, seeds, forger = house.stranger(), InvitationSeeds.fresh(), Founder.draw().recovery_seeds
        Identity.objects.filter(holder=person.holder).delete()
        store_public(forger, holder=person.holder, at=AT)
        with refused("public_key_changed"):
            certify_by_invitation(by=person, root_id=house.root_id, seeds=seeds, subject=uuid4(), at=AT)

    def test_refuses_a_swapped_key_under_my_own_id(self, house):
        person, seeds = house.stranger(), InvitationSeeds.fresh()
        forged = Founder.draw().recovery_seeds.kem_public
        Identity.objects.filter(holder=person.holder).update(kem_public=forged)
        with refused("public_key_changed"):
            certify_by_invitation(by=person, root_id=house.root_id, seeds=seeds, subject=uuid4(), at=AT)

    def test_shows_no_seed_when_printed(self):
        seeds = InvitationSeeds.fresh()
        assert seeds.mldsa.hex() not in repr(seeds)
        assert "mldsa" not in repr(seeds)


class TestCertifyStaff:
    def confirm(self, by, newcomer, **changes):
        seen = fingerprint_of_row(by=by, holder=newcomer.holder)
        certify_staff(**{"by": by, "holder": newcomer.holder, "seen": seen, "may_certify": False, "at": AT, **changes})

    def test_vouches_for_a_colleague(self, house):
        newcomer = house.stranger()
        self.confirm(house.staff(may_certify=True), newcomer)
        assert Trust(house.root_id).vouch(newcomer.key_id).kind == Kind.STAFF

    def test_shows_both_sides_the_same_words(self, house):
        by, newcomer = house.staff(may_certify=True), house.stranger()
        assert fingerprint_of_mine(newcomer) == fingerprint_words(fingerprint_of_row(by=by, holder=newcomer.holder))

    def test_shows_other_words_to_whoever_pins_another_root(self, house):
        by, newcomer = house.staff(may_certify=True), house.stranger(root_id=bytes(32))
        assert fingerprint_of_mine(newcomer) != fingerprint_words(fingerprint_of_row(by=by, holder=newcomer.holder))

    def test_refuses_keys_that_changed_since_the_page_was_shown(self, house):
        by, newcomer = house.staff(may_certify=True), house.stranger()
        seen = fingerprint_of_row(by=by, holder=newcomer.holder)
        Identity.objects.filter(holder=newcomer.holder).update(kem_public=identity_of(house.stranger()).kem_public)
        with refused("fingerprint_changed"):
            self.confirm(by, newcomer, seen=seen)

    def test_refuses_whoever_may_not_certify(self, house):
        by, newcomer = house.staff(), house.stranger()
        with refused("issuer_may_not_certify"):
            self.confirm(by, newcomer)

    def test_refuses_whoever_is_not_certified(self, house):
        by, newcomer = house.stranger(), house.stranger()
        with refused("not_certified"):
            self.confirm(by, newcomer)

    def test_refuses_a_holder_who_is_a_client(self, house):
        by = house.staff(may_certify=True)
        client = house.client(uuid4(), by=by)
        with refused("one_kind_per_holder"):
            self.confirm(by, client)


class TestConfirmClient:
    def test_puts_a_colleagues_word_before_the_invitations(self, house):
        by, subject = house.staff(), uuid4()
        client = house.client(subject, by=by)
        assert not is_confirmed(by=by, holder=client.holder, subject=subject)
        confirm_client(by=by, holder=client.holder, subject=subject, at=AT)
        assert is_confirmed(by=by, holder=client.holder, subject=subject)

    def test_refuses_a_client_whose_own_certificate_does_not_hold(self, house):
        by, subject = house.staff(), uuid4()
        client = house.client(subject, by=by)
        InvitationKey.objects.filter(holder=client.holder).update(subject=uuid4())
        with refused("invitation_mismatch"):
            confirm_client(by=by, holder=client.holder, subject=subject, at=AT)

    def test_refuses_the_word_of_another_client(self, house):
        by, subject = house.staff(), uuid4()
        client, other = house.client(subject, by=by), house.client(uuid4(), by=by)
        with refused("issuer_unknown"):
            confirm_client(by=other, holder=client.holder, subject=subject, at=AT)

    def test_refuses_a_holder_who_is_a_colleague(self, house):
        by, colleague = house.staff(), house.staff()
        with refused("not_certified"):
            confirm_client(by=by, holder=colleague.holder, subject=uuid4(), at=AT)
