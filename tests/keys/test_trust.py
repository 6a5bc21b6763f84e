"""Whom to believe: every "may not" about certificates, invitations and revocations, each refused by name."""

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest

from keys.errors import KeyRefused
from keys.models import Certificate, Identity, InvitationKey, Revocation, Root
from keys.services.certifying import (
    InvitationSeeds,
    Issuer,
    certify_by_invitation,
    certify_staff,
    confirm_client,
    fingerprint_of_mine,
    fingerprint_of_row,
    is_confirmed,
    key_id_of_holder,
    vouch_for_holder,
)
from keys.services.founding import Founder
from keys.services.identities import store_public
from keys.services.trust import Trust, certificate_statement, invitation_statement
from keys.services.vaults import vouch_for_recovery
from keys.statements import Kind, RevocationStatement
from keys.words import fingerprint_words
from tests.keys.house import AT, DAY, certificate_of, identity_of, invitation_of


@contextmanager
def refused(reason):
    """Expect a refusal for this reason, and no certificate more than before."""
    before = Certificate.objects.count()
    with pytest.raises(KeyRefused) as caught:
        yield
    assert caught.value.reason == reason
    assert Certificate.objects.count() == before


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


def revoke(who, *, by, number=1, since=AT + DAY, root=None):
    statement = RevocationStatement(root or by.root_id, who.key_id, number, since, by.key_id)
    Revocation.objects.create(
        key_id=who.key_id,
        root=statement.root,
        number=number,
        since=since,
        issuer=by.key_id,
        signature=by.signer.sign(statement.encode()),
    )


class TestARevocation:
    def believes(self, house, person):
        try:
            return Trust(house.root_id).vouch(person.key_id).holder == person.holder
        except KeyRefused:
            return False

    def issue(self, house, at):
        manager = house.staff(may_certify=True)
        return manager, house.staff(by=manager, at=at)

    @pytest.mark.parametrize(("days", "believed"), [(0, True), (1, True), (2, False)])
    def test_ends_what_the_key_certifies_afterwards(self, house, days, believed):
        manager, person = self.issue(house, AT + days * DAY)
        revoke(manager, by=house.root)
        assert self.believes(house, person) is believed

    def test_names_itself_as_the_reason(self, house):
        manager, person = self.issue(house, AT + 2 * DAY)
        revoke(manager, by=house.root)
        with refused("issuer_revoked"):
            Trust(house.root_id).vouch(person.key_id)

    def test_by_a_certifying_colleague_counts(self, house):
        manager, person = self.issue(house, AT + 2 * DAY)
        revoke(manager, by=Issuer.person(house.staff(may_certify=True)))
        assert not self.believes(house, person)

    def test_ends_the_invitations_of_the_key_too(self, house):
        inviter, guest, seeds, subject = house.staff(), house.stranger(), InvitationSeeds.fresh(), uuid4()
        house.invite(seeds, guest.holder, subject, by=inviter, at=AT + 2 * DAY)
        certify_by_invitation(by=guest, root_id=house.root_id, seeds=seeds, subject=subject, at=AT + 2 * DAY)
        assert self.believes(house, guest)
        revoke(inviter, by=house.root)
        assert not self.believes(house, guest)

    @pytest.mark.parametrize("who", ["colleague", "stranger", "client"])
    def test_by_somebody_who_may_not_changes_nothing(self, house, who):
        manager, person = self.issue(house, AT + 2 * DAY)
        by = {"colleague": house.staff, "stranger": house.stranger, "client": lambda: house.client(uuid4(), by=manager)}
        revoke(manager, by=Issuer.person(by[who]()))
        assert self.believes(house, person)

    def test_for_another_practice_changes_nothing(self, house):
        manager, person = self.issue(house, AT + 2 * DAY)
        revoke(manager, by=house.root, root=bytes(32))
        assert self.believes(house, person)

    def test_by_a_key_that_was_revoked_before_changes_nothing(self, house):
        manager, person = self.issue(house, AT + 3 * DAY)
        leaver = house.staff(may_certify=True)
        revoke(leaver, by=house.root)
        revoke(manager, by=Issuer.person(leaver), since=AT + 2 * DAY)
        assert self.believes(house, person)

    def test_of_a_higher_number_wins(self, house):
        manager, person = self.issue(house, AT + 2 * DAY)
        revoke(manager, by=house.root, number=1)
        revoke(manager, by=house.root, number=2, since=AT + 5 * DAY)
        assert self.believes(house, person)

    def test_is_not_hidden_by_a_higher_one_that_nobody_signed(self, house):
        manager, person = self.issue(house, AT + 2 * DAY)
        revoke(manager, by=house.root, number=1)
        revoke(manager, by=house.root, number=2, since=AT + 5 * DAY)
        Revocation.objects.filter(number=2, key_id=manager.key_id).update(signature=bytes(3373))
        assert not self.believes(house, person)
