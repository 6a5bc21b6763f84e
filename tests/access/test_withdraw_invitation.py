"""Taking an invitation back: what is dead at once, what is left alone, and who was faster."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from access.models import Invitation, KeySession, User
from access.models.devices import BackupCodes, MailedCodeDevice, TotpDevice
from access.roles import Role
from access.services.enrolment import show_recovery_codes
from access.services.factors import WrongFactor, confirm_staff_factor, mail_enrolment_code
from access.services.inviting import (
    AlreadyInvited,
    InvitationGone,
    WrongCode,
    find_invitation,
    invite_staff,
    open_with_code,
)
from access.services.withdrawing import (
    NothingToWithdraw,
    invited_staff,
    withdraw_from_client,
    withdraw_from_staff,
)
from access.states import State
from audit.acts import Act
from audit.models import Entry
from keys.models import Certificate, Identity
from tests.access.newcomers import VISITOR, actor, begin, confirm_app, enrol, finish, invite, invite_guest


def row_of(letter):
    return Invitation.objects.get(pk=letter.invitation)


def withdraw(cast, letter, holder=None):
    by = cast.manager.as_(Role.MANAGER)
    withdraw_from_staff(by=by, holder=holder or row_of(letter).holder, at=timezone.now())


def withdraw_clients(row):
    with transaction.atomic():
        return withdraw_from_client(subject=row.subject, at=timezone.now())


@pytest.fixture
def letter(cast):
    return invite(cast)


class TestAColleagues:
    def test_opens_with_neither_link_nor_code(self, cast, letter):
        withdraw(cast, letter)
        with pytest.raises(InvitationGone):
            find_invitation(token=letter.token, at=timezone.now())
        with pytest.raises(InvitationGone):
            open_with_code(by=VISITOR, token=letter.token, code=letter.code, at=timezone.now())

    def test_stays_dead_if_the_row_is_written_back(self, cast, letter):
        """Whoever writes the database can undo the withdrawal; what the link opened is gone all the same."""
        withdraw(cast, letter)
        Invitation.objects.filter(pk=letter.invitation).update(withdrawn_at=None)
        with pytest.raises(WrongCode):
            open_with_code(by=VISITOR, token=letter.token, code=letter.code, at=timezone.now())
        assert not User.objects.filter(pk=row_of(letter).holder).exists()

    def test_takes_every_trace_of_what_was_begun(self, cast, letter):
        opened = begin(letter)
        confirm_app(opened)
        show_recovery_codes(by=actor(opened), at=timezone.now())
        withdraw(cast, letter)
        user = opened.user
        for kind in (TotpDevice, BackupCodes, MailedCodeDevice, KeySession):
            assert not kind.objects.filter(user_id=user.pk).exists(), kind
        for kind in (Identity, Certificate):
            assert not kind.objects.filter(holder=user.pk).exists(), kind

    def test_ends_a_step_that_is_under_way(self, cast, letter):
        opened = begin(letter)
        withdraw(cast, letter)
        with pytest.raises(WrongFactor):
            confirm_staff_factor(by=actor(opened), code="000000", at=timezone.now())

    def test_leaves_an_account_that_was_finished_first(self, cast, letter):
        user = enrol(letter).user
        with pytest.raises(NothingToWithdraw):
            withdraw(cast, letter)
        assert User.objects.get(pk=user.pk).state == State.WAITING
        assert Identity.objects.filter(holder=user.pk).exists()

    def test_refused_leaves_an_entry_that_says_so(self, cast, letter):
        for holder in (uuid4(), cast.dana.user.pk, cast.robin.person.user.pk):
            with pytest.raises(NothingToWithdraw):
                withdraw(cast, letter, holder)
            entry = Entry.objects.latest("pk")
            assert (entry.action, entry.outcome, entry.obj_id) == (Act.ACCESS_REFUSED, "denied", holder)
        assert find_invitation(token=letter.token, at=timezone.now())

    def test_lets_the_same_person_be_invited_again(self, cast, letter):
        opened = begin(letter)
        withdraw(cast, letter)
        again = invite(cast)
        assert finish_from_the_start(again).user.pk != opened.user.pk


def finish_from_the_start(letter):
    opened = begin(letter)
    confirm_app(opened)
    return finish(opened)


class TestAClients:
    def test_says_whether_there_was_one(self, cast):
        row = row_of(invite_guest(cast))
        assert withdraw_clients(row)
        assert not withdraw_clients(row)

    def test_leaves_the_account_that_a_second_invitation_would_join(self, cast):
        """The holder of that invitation is a client who has been here for long."""
        letter = invite_guest(cast, cast.robin.person.address)
        assert row_of(letter).holder == cast.robin.person.user.pk
        assert withdraw_clients(row_of(letter))
        assert User.objects.get(pk=cast.robin.person.user.pk).state == State.ACTIVE
        assert Identity.objects.filter(holder=cast.robin.person.user.pk).exists()

    def test_leaves_other_clients_invitations_alone(self, cast):
        one, other = invite_guest(cast), invite_guest(cast, "bea@post.example")
        withdraw_clients(row_of(one))
        assert find_invitation(token=other.token, at=timezone.now())

    def test_leaves_the_account_that_was_begun_on_another_invitation(self, cast):
        """Whose address is invited twice before the account is done has one account for both."""
        one = invite_guest(cast)
        opened = begin(one)
        other = invite_guest(cast)
        assert row_of(other).holder == opened.user.pk
        withdraw_clients(row_of(other))
        assert User.objects.get(pk=opened.user.pk).state == State.ENROLLING
        withdraw_clients(row_of(one))
        assert not User.objects.filter(pk=opened.user.pk).exists()

    def test_takes_the_mailbox_that_was_being_set_up(self, cast):
        letter = invite_guest(cast)
        opened = begin(letter)
        mail_enrolment_code(by=actor(opened), at=timezone.now())
        assert MailedCodeDevice.objects.filter(user=opened.user).exists()
        withdraw_clients(row_of(letter))
        assert not MailedCodeDevice.objects.filter(user_id=opened.user.pk).exists()


class TestWhoIsInvited:
    def test_is_listed_by_name_with_the_day_it_ends(self, cast, letter):
        [invitee] = [row for row in invited_staff(at=timezone.now()) if row.id == row_of(letter).holder]
        assert (invitee.display_name, invitee.roles) == ("Ines Duarte", ("therapist",))
        assert invitee.until == row_of(letter).expires_at

    @pytest.mark.parametrize("lapsed", [{"tries": 5}, {"expires_at": None}])
    def test_stays_listed_once_the_link_works_no_more(self, cast, letter, lapsed):
        now = timezone.now()
        Invitation.objects.filter(pk=letter.invitation).update(**{name: value or now for name, value in lapsed.items()})
        [invitee] = [row for row in invited_staff(at=now) if row.id == row_of(letter).holder]
        assert invitee.until is None

    def test_is_no_client_and_nobody_who_is_done(self, cast):
        before = len(invited_staff(at=timezone.now()))
        invite_guest(cast)
        enrol(invite(cast))
        assert len(invited_staff(at=timezone.now())) == before


class TestAFormSentTwice:
    def send(self, person, form):
        by = person.as_(Role.MANAGER)
        typed = {"name": "Tom Becker", "address": "tom@alder.example", "roles": (Role.THERAPIST,)}
        return invite_staff(by=by, form=form, at=timezone.now(), **typed)

    def test_makes_one_invitation_and_mails_once(self, cast, settings, mailoutbox):
        settings.EMAIL_CONFIGURED = True
        form = uuid4()
        self.send(cast.manager, form)
        with pytest.raises(AlreadyInvited):
            self.send(cast.manager, form)
        assert len(mailoutbox) == 1
        assert Invitation.objects.filter(display_name="Tom Becker").count() == 1

    def test_says_the_same_after_it_was_withdrawn(self, cast):
        """A reloaded page must not quietly invite again whom somebody has just uninvited."""
        form = uuid4()
        letter = self.send(cast.manager, form)
        withdraw(cast, letter)
        with pytest.raises(AlreadyInvited):
            self.send(cast.manager, form)

    def test_is_another_form_in_another_hand(self, cast):
        form = uuid4()
        letters = [self.send(person, form) for person in (cast.manager, cast.dana)]
        assert len({letter.invitation for letter in letters}) == 2
