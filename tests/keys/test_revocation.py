"""A key that is believed no longer: by whom, since when, and what follows."""

from uuid import uuid4

import pytest

from keys.errors import KeyRefused
from keys.models import Revocation
from keys.services.certifying import (
    InvitationSeeds,
    Issuer,
    certify_by_invitation,
)
from keys.services.trust import Trust
from tests.keys.house import AT, DAY, revoke
from tests.keys.refusals import refused


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
