import pytest
from django.core import mail
from django.utils import timezone

from access.models import Invitation, KeySession, RoleHeld, User
from access.models.devices import BackupCodes, MailedCodeDevice, TotpDevice
from access.roles import Role
from access.services.codes import next_code
from access.services.confirming import FingerprintChanged, confirm_staff, my_words, newcomers
from access.services.enrolment import (
    AddressTaken,
    finish_staff_enrolment,
    show_recovery_codes,
)
from access.services.factors import (
    FactorMissing,
    NotForYou,
    WrongFactor,
    authenticator,
    confirm_factor,
    confirm_staff_factor,
    mail_enrolment_code,
)
from access.services.inviting import InvitationGone
from access.services.passphrases import PassphraseTooWeak
from access.services.people import roles_of
from access.services.recovery_codes import WrongRecoveryCode
from access.services.signing_in import Proof, SignInRefused, sign_in
from access.services.throttling import PER_ADDRESS, Throttled
from access.states import State
from audit.acts import Act
from audit.models import Entry
from keys.errors import KeyRefused
from keys.models import Certificate, Identity
from keys.services import Invited, vouch_for_holder
from tests.access.newcomers import (
    ADDRESS,
    PASSPHRASE,
    VISITOR,
    actor,
    begin,
    confirm_app,
    enrol,
    finish,
    invite,
    invite_guest,
)


@pytest.fixture
def letter(cast):
    return invite(cast)


class TestBeginning:
    def test_makes_keys_that_pin_the_inviters_root(self, cast, letter):
        opened = begin(letter)
        assert opened.keys.root_id == cast.manager.keys.root_id
        assert opened.user.state == State.ENROLLING
        assert Invited.from_bytes(opened.keys.invited).holder == opened.user.pk

    @pytest.mark.parametrize("weak", ["short", "thirteen char"])
    def test_refuses_a_weak_passphrase_before_a_try_is_counted(self, letter, weak):
        with pytest.raises(PassphraseTooWeak) as caught:
            begin(letter, passphrase=weak)
        assert "14" in str(caught.value)
        assert Invitation.objects.get(pk=letter.invitation).tries == 0
        assert not Identity.objects.filter(holder=Invitation.objects.get(pk=letter.invitation).holder).exists()

    def test_uses_the_invitation_up_only_at_the_end(self, letter):
        begin(letter)
        assert Invitation.objects.get(pk=letter.invitation).used_at is None

    def test_again_removes_the_unfinished_keys(self, letter):
        first = begin(letter)
        confirm_app(first)
        BackupCodes.print_for(first.user.pk)
        second = begin(letter)
        assert first.keys.key_id != second.keys.key_id
        assert Identity.objects.get(holder=second.user.pk).key_id == second.keys.key_id
        assert list(KeySession.objects.filter(user=second.user)) == [second.row]
        assert not TotpDevice.objects.get(user=second.user).confirmed
        assert not BackupCodes.objects.filter(user=second.user).exists()

    def test_is_refused_for_an_address_with_an_account(self, cast):
        letter = invite(cast, address=cast.robin.person.address)
        with pytest.raises(AddressTaken):
            begin(letter)
        assert not User.objects.filter(pk=Invitation.objects.get(pk=letter.invitation).holder).exists()

    def test_is_refused_for_an_address_taken_at_the_same_moment(self, cast, letter, monkeypatch):
        begin(letter)
        again = invite(cast)
        monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda _: False)
        with pytest.raises(AddressTaken):
            begin(again)


class TestTheSecondFactor:
    def test_refuses_another_code(self, letter):
        opened = begin(letter)
        with pytest.raises(WrongFactor):
            confirm_staff_factor(by=actor(opened), code="000000", at=timezone.now())
        assert not authenticator(opened.user).confirmed

    def test_gates_signing_in_until_it_is_confirmed(self, letter):
        opened = begin(letter)
        with pytest.raises(SignInRefused):
            sign_in(by=VISITOR, proof=Proof(ADDRESS, PASSPHRASE, next_code(opened.user).code), at=timezone.now())

    def test_may_be_a_clients_mailbox_and_the_other_goes(self, cast, settings):
        settings.EMAIL_CONFIGURED = True
        opened = begin(invite_guest(cast))
        mail.outbox.clear()
        mail_enrolment_code(by=actor(opened), at=timezone.now())
        code = mail.outbox[0].body.split("your code is ")[1][:6]
        confirm_factor(by=actor(opened), code=code, at=timezone.now())
        assert MailedCodeDevice.objects.get(user=opened.user).confirmed
        assert not TotpDevice.objects.filter(user=opened.user).exists()
        assert Entry.objects.latest("pk").action == Act.FACTOR_SET

    def test_leaves_no_mailbox_behind_that_was_not_confirmed(self, cast):
        opened = begin(invite_guest(cast))
        mail_enrolment_code(by=actor(opened), at=timezone.now())
        confirm_factor(by=actor(opened), code=next_code(opened.user).code, at=timezone.now())
        assert not MailedCodeDevice.objects.filter(user=opened.user).exists()

    def test_is_an_app_for_everybody_on_the_staff(self, letter):
        opened = begin(letter)
        with pytest.raises(NotForYou):
            mail_enrolment_code(by=actor(opened), at=timezone.now())
        assert not MailedCodeDevice.objects.exists()

    def test_cannot_be_guessed_for_long(self, letter):
        opened, at = begin(letter), timezone.now()
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(WrongFactor):
                confirm_staff_factor(by=actor(opened), code="000000", at=at)
        with pytest.raises(Throttled):
            confirm_staff_factor(by=actor(opened), code=next_code(opened.user).code, at=at)


class TestTheStepsInOrder:
    def test_show_no_recovery_code_before_the_second_factor(self, letter):
        opened = begin(letter)
        with pytest.raises(FactorMissing):
            show_recovery_codes(by=actor(opened), at=timezone.now())
        with pytest.raises(FactorMissing):
            finish_staff_enrolment(by=actor(opened), typed="AAAA-AAAA", at=timezone.now())

    def test_are_not_open_to_a_client(self, cast):
        opened = begin(invite_guest(cast))
        for step in (
            lambda by, at: confirm_staff_factor(by=by, code=next_code(opened.user).code, at=at),
            lambda by, at: show_recovery_codes(by=by, at=at),
            lambda by, at: finish_staff_enrolment(by=by, typed="AAAA-AAAA", at=at),
        ):
            with pytest.raises(NotForYou):
                step(actor(opened), timezone.now())
        assert User.objects.get(pk=opened.user.pk).state == State.ENROLLING


class TestFinishing:
    def test_needs_the_recovery_code_retyped(self, letter):
        opened = begin(letter)
        confirm_app(opened)
        with pytest.raises(WrongRecoveryCode):
            finish_staff_enrolment(by=actor(opened), typed="AAAA-AAAA", at=timezone.now())
        assert Invitation.objects.get(pk=letter.invitation).used_at is None
        assert User.objects.get(pk=opened.user.pk).state == State.ENROLLING

    def test_leaves_somebody_waiting_with_no_role_to_act_in(self, cast, letter):
        opened = enrol(letter)
        user = User.objects.get(pk=opened.user.pk)
        assert user.state == State.WAITING
        assert roles_of(user) == {Role.WAITING}
        assert opened.keys.invited == b""
        assert list(KeySession.objects.filter(user=user)) == [opened.row]
        with pytest.raises(KeyRefused, match="not_certified"):
            vouch_for_holder(by=cast.manager.keys, holder=user.pk)

    def test_works_once(self, letter):
        opened = begin(letter)
        confirm_app(opened)
        finish(opened)
        with pytest.raises(InvitationGone):
            finish(opened)
        with pytest.raises(InvitationGone):
            begin(letter)


class TestConfirming:
    def confirm(self, cast, newcomer, **changes):
        given = {"by": cast.manager.as_(Role.MANAGER), "user_id": newcomer.id, "seen": newcomer.fingerprint}
        confirm_staff(**{**given, "grant_contacts": lambda _: None, "at": timezone.now(), **changes})

    def waiting(self, cast, letter):
        opened = enrol(letter)
        [newcomer] = newcomers(by=cast.manager.as_(Role.MANAGER))
        assert newcomer.id == opened.user.pk
        return opened, newcomer

    def test_starts_with_the_same_words_on_both_sides(self, cast, letter):
        opened, newcomer = self.waiting(cast, letter)
        assert my_words(by=actor(opened)) == newcomer.words
        assert len(newcomer.words.split()) == 6

    def test_certifies_a_therapist_who_may_not_certify_others(self, cast, letter):
        _, newcomer = self.waiting(cast, letter)
        self.confirm(cast, newcomer)
        assert not vouch_for_holder(by=cast.dana.keys, holder=newcomer.id).may_certify
        assert User.objects.get(pk=newcomer.id).state == State.ACTIVE
        assert newcomers(by=cast.manager.as_(Role.MANAGER)) == []

    def test_certifies_a_manager_and_grants_contacts(self, cast):
        _, newcomer = self.waiting(cast, invite(cast, roles=(Role.MANAGER,)))
        granted = []
        self.confirm(cast, newcomer, grant_contacts=granted.append)
        assert [user.pk for user in granted] == [newcomer.id]
        assert vouch_for_holder(by=cast.dana.keys, holder=newcomer.id).may_certify

    def refuse(self, cast, newcomer, **changes):
        before = Certificate.objects.count()
        with pytest.raises(FingerprintChanged):
            self.confirm(cast, newcomer, **changes)
        assert Certificate.objects.count() == before
        assert User.objects.get(pk=newcomer.id).state == State.WAITING
        assert Entry.objects.latest("pk").action == Act.KEY_REFUSED

    def test_is_refused_if_the_keys_changed_since_the_page_was_shown(self, cast, letter):
        _, newcomer = self.waiting(cast, letter)
        planted = Identity.objects.get(holder=cast.sam.user.pk)
        Identity.objects.filter(holder=newcomer.id).update(kem_public=planted.kem_public)
        self.refuse(cast, newcomer)

    def test_is_refused_if_a_role_was_slipped_in_since(self, cast, letter):
        _, newcomer = self.waiting(cast, letter)
        RoleHeld.objects.create(user_id=newcomer.id, role=Role.MANAGER)
        self.refuse(cast, newcomer)

    def test_is_refused_to_whoever_may_not_certify(self, cast, letter):
        _, newcomer = self.waiting(cast, letter)
        self.refuse(cast, newcomer, by=cast.dana.as_(Role.MANAGER))

    @pytest.mark.parametrize("seen", [b"", bytes(33), bytes(32)])
    def test_is_refused_for_another_fingerprint(self, cast, letter, seen):
        _, newcomer = self.waiting(cast, letter)
        self.refuse(cast, newcomer, seen=seen)

    def test_shows_a_swapped_key_in_other_words(self, cast, letter):
        opened, newcomer = self.waiting(cast, letter)
        planted = Identity.objects.get(holder=cast.sam.user.pk)
        Identity.objects.filter(holder=newcomer.id).update(sig_public=planted.sig_public)
        [swapped] = newcomers(by=cast.manager.as_(Role.MANAGER))
        assert swapped.words != my_words(by=actor(opened))
