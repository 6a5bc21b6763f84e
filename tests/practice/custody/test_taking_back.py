"""What a release gave is taken back: from everybody or for one client, at once or by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.models.custody import Handed, Release, Will
from clients.services.caring import start_care
from clients.services.custody import NotReleased, read_contact_list
from clients.services.ending import end_care
from clients.services.finding import NoSuchClient
from clients.services.giving import LASTS
from clients.services.leaving import end_account
from clients.services.rotating import rotate_next
from clients.services.sharing import share_keys
from clients.services.wills import Wishes, withdraw_will
from keys.models import Vault
from keys.services import VaultKind
from notes.models import Note
from notes.services.finding import NoSuchNote
from notes.services.handed import browse_handed_notes, read_handed_note
from practice.cast import enrol_colleague
from tests.practice.custody.conftest import CONTACTS, WORDS, contact_list, loans


class TestTheEnd:
    def assert_over(self, house):
        assert house.vaults_of(house.cast.sam) == set()
        with pytest.raises(NoSuchClient):
            browse_handed_notes(by=house.sam, client_id=house.client.pk, at=timezone.now())
        with pytest.raises(NoSuchNote):
            read_handed_note(by=house.sam, note_id=Note.objects.get().pk, at=timezone.now())

    def test_comes_with_the_therapist_who_signs_in(self, both, signed_in):
        will = both.will
        signed_in(both.cast.dana).get("/today/")
        self.assert_over(both)
        with pytest.raises(NotReleased):
            read_contact_list(by=both.sam, will_id=will.pk, at=timezone.now())
        flagged = {VaultKind.CONTACT, VaultKind.RECORD, VaultKind.WILL}
        waiting = Vault.objects.filter(rotate_since__isnull=False).values_list("kind", flat=True)
        assert {VaultKind(kind) for kind in waiting} == flagged

    def test_has_the_keys_replaced_by_the_therapist_wishes_included(self, both, signed_in):
        signed_in(both.cast.dana).get("/today/")
        for moment in (timezone.now(), timezone.now() + timedelta(hours=1)):
            while rotate_next(by=both.dana, at=moment):
                pass
        assert not Vault.objects.filter(rotate_since__isnull=False).exists()
        both.release()
        assert contact_list(both).wishes == Wishes(WORDS)

    def test_comes_with_the_will(self, both):
        withdraw_will(by=both.dana, at=timezone.now())
        self.assert_over(both)
        assert both.entries(Act.CUSTODY_STOPPED) == 1

    def test_comes_by_itself(self, given):
        now = timezone.now()
        Release.objects.update(free_at=now - LASTS, given_at=now - LASTS, until=now)
        loans(given).update(expires_at=now)
        with pytest.raises(NotReleased):
            contact_list(given)
        given.ask()
        assert Release.objects.filter(ended_at=None).count() == 1
        assert not Handed.objects.filter(ended_at=None).exists()

    def test_comes_for_a_client_whose_care_ends(self, cast, both):
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="t@a.example", roles=(Role.THERAPIST,))
        start_care(by=both.manager, client=both.client, therapist_id=tom.user.pk, at=timezone.now())
        share_keys(by=both.dana, client=both.client, seen=frozenset([both.mark(tom)]), at=timezone.now())
        end_care(by=both.manager, client=both.client, therapist_id=cast.dana.user.pk, at=timezone.now())
        assert both.vaults_of(cast.sam) == {VaultKind.WILL}
        assert contact_list(both).clients == []

    def test_comes_with_a_custodian_who_leaves(self, cast, written):
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="t@a.example", roles=(Role.THERAPIST,))
        written.name(tom)
        Will.objects.filter(ended_at=None).update(accepted_at=timezone.now())
        written.ask()
        written.confirm(tom.as_(Role.THERAPIST))
        written.wait()
        written.give()
        assert written.vaults_of(tom) == CONTACTS
        end_account(by=written.manager, user_id=tom.user.pk, at=timezone.now())
        assert written.vaults_of(tom) == set()
        assert not Release.objects.filter(ended_at=None).exists()
