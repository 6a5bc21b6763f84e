"""Somebody knows my passphrase: other keys, and a colleague who compares six words again."""

import pytest
from django.utils import timezone

from access.acting import Actor
from access.models import KeySession, User
from access.roles import Role
from access.services.confirming import ChainTooLong, confirm_staff, count_newcomers, newcomers, words_to_read
from access.services.key_sessions import open_session
from access.services.passphrases import ChangedMeanwhile
from access.services.rekeying import NobodyVouchesForNext, confirms_itself
from access.services.signing_in import PassphraseRefused, prove_passphrase
from audit.actors import Origin
from audit.acts import Act
from audit.models import Entry
from clients.services.contacts import look_up_label
from clients.services.finding import find_client
from keys.models import Certificate, Identity, Vault
from keys.services import Trust, open_with_recovery_code
from practice.cast import enrol_colleague, enrol_newcomer
from tests.access.replacing import NEW, acting, replace


class TestReplaceKeys:
    def test_opens_what_was_theirs_with_other_keys(self, cast):
        opened, _ = replace(cast.dana)
        by = Actor(opened.user, Role.THERAPIST, opened.keys, None, Origin())
        assert opened.keys.key_id != cast.dana.keys.key_id
        client = find_client(by=by, client_id=cast.robin.client_id)
        assert look_up_label(by=by, client=client, at=timezone.now()) == cast.robin.name

    def test_ends_passphrase_recovery_code_and_sessions_of_before(self, cast):
        open_session(user=cast.dana.user, keys=cast.dana.keys, at=timezone.now())
        opened, code = replace(cast.dana)
        user = User.objects.get(pk=cast.dana.user.pk)
        with pytest.raises(PassphraseRefused):
            prove_passphrase(user, cast.dana.passphrase, Origin(), timezone.now())
        assert prove_passphrase(user, NEW, Origin(), timezone.now()).seeds == opened.keys.seeds
        assert open_with_recovery_code(holder=user.pk, code=code).seeds == opened.keys.seeds
        assert [row.pk for row in KeySession.objects.filter(user=user)] == [opened.id]

    def test_has_the_keys_of_their_vaults_replaced_and_leaves_an_entry(self, cast):
        replace(cast.dana)
        assert Vault.objects.get(subject=cast.robin.client_id, kind="contact").rotate_since
        assert Entry.objects.filter(action=Act.KEY_REPLACED).count() == 1

    def test_changes_nothing_if_somebody_was_faster(self, cast):
        by = acting(cast.dana)
        User.objects.filter(pk=by.user.pk).update(password="another one")
        with pytest.raises((ChangedMeanwhile, PassphraseRefused)):
            replace(cast.dana, by=by)
        assert not Identity.objects.filter(holder=by.user.pk, retired_at__isnull=False).exists()


class TestAfterwards:
    def test_a_manager_goes_on_and_waits_for_nobody(self, cast):
        opened, _ = replace(cast.manager, role=Role.MANAGER)
        assert count_newcomers() == 0
        assert Trust(opened.keys.root_id).vouch(opened.keys.key_id).may_certify

    def test_a_therapist_is_confirmed_again_by_the_words(self, cast):
        opened, _ = replace(cast.dana)
        manager = cast.manager.as_(Role.MANAGER)
        [waiting] = newcomers(by=manager)
        assert waiting.id == cast.dana.user.pk
        confirm_staff(
            by=manager,
            user_id=waiting.id,
            seen=waiting.fingerprint,
            grant_contacts=lambda _: None,
            at=timezone.now(),
        )
        trust = Trust(cast.manager.keys.root_id)
        assert trust.vouch(opened.keys.key_id)
        assert trust.is_revoked(cast.dana.keys.key_id, at=timezone.now())
        assert count_newcomers() == 0

    def test_the_words_stand_on_their_own_page_until_then(self, cast):
        assert words_to_read(by=acting(cast.dana)) == ""
        opened, _ = replace(cast.dana)
        by = Actor(opened.user, Role.THERAPIST, opened.keys, None, Origin())
        [waiting] = newcomers(by=cast.manager.as_(Role.MANAGER))
        assert words_to_read(by=by) == waiting.words

    def test_a_client_waits_for_their_therapist(self, cast):
        _, code = replace(cast.robin.person, role=Role.CLIENT)
        assert code == ""
        assert count_newcomers() == 0


class TestAtTheEndOfTheChain:
    """A manager's keys vouch for the next ones, and each time the way to the practice's root is a step longer."""

    LIMIT = "keys.services.certifying.LONGEST_OF_STAFF"

    @pytest.fixture
    def ruth(self, cast):
        return enrol_colleague(manager=cast.manager, name="Ruth", address="ruth@alder.example", roles=(Role.MANAGER,))

    def test_another_manager_compares_words_and_the_way_is_short_again(self, cast, ruth, monkeypatch):
        monkeypatch.setattr(self.LIMIT, 1)
        assert not confirms_itself(by=acting(cast.manager, Role.MANAGER))
        opened, _ = replace(cast.manager, role=Role.MANAGER)
        by = Actor(opened.user, Role.MANAGER, opened.keys, None, Origin())
        trust, [waiting] = Trust(ruth.keys.root_id), newcomers(by=ruth.as_(Role.MANAGER))
        assert (waiting.id, waiting.words) == (cast.manager.user.pk, words_to_read(by=by))
        monkeypatch.undo()
        confirm(ruth, waiting)
        assert trust.vouch(opened.keys.key_id).may_certify
        assert trust.is_revoked(cast.manager.keys.key_id, at=timezone.now())
        assert confirms_itself(by=by)

    def test_a_manager_whom_nobody_could_confirm_keeps_what_they_have(self, cast, monkeypatch):
        monkeypatch.setattr(self.LIMIT, 1)
        with pytest.raises(NobodyVouchesForNext):
            replace(cast.manager, role=Role.MANAGER)
        assert Trust(cast.manager.keys.root_id).vouch(cast.manager.keys.key_id).may_certify
        assert not Identity.objects.filter(holder=cast.manager.user.pk, retired_at__isnull=False).exists()
        assert Entry.objects.filter(action=Act.KEY_REFUSED, outcome="denied").count() == 1

    def test_another_manager_whom_nobody_vouches_for_is_none(self, cast, ruth, monkeypatch):
        monkeypatch.setattr(self.LIMIT, 1)
        Certificate.objects.filter(holder=ruth.user.pk).delete()
        with pytest.raises(NobodyVouchesForNext):
            replace(cast.manager, role=Role.MANAGER)

    def test_nobody_is_confirmed_whom_no_client_could_believe(self, cast, ruth, monkeypatch):
        tom = enrol_newcomer(manager=ruth, name="Tom", address="tom@alder.example", roles=(Role.THERAPIST,))
        [waiting] = newcomers(by=ruth.as_(Role.MANAGER))
        monkeypatch.setattr(self.LIMIT, 1)
        with pytest.raises(ChainTooLong):
            confirm(ruth, waiting)
        assert not Certificate.objects.filter(holder=tom.user.pk).exists()
        confirm(cast.manager, waiting)


def confirm(manager, waiting):
    seen = {"user_id": waiting.id, "seen": waiting.fingerprint, "grant_contacts": lambda _: None}
    confirm_staff(by=manager.as_(Role.MANAGER), **seen, at=timezone.now())
