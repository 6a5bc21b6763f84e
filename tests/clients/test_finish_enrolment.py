"""The last step of a client's enrolment: it takes the client's place once, for the person the inviter sealed."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.utils import timezone

from access.acting import Actor
from access.models import Invitation, Practice, User
from access.roles import Role
from access.services.codes import next_code
from access.services.factors import WrongFactor
from access.services.inviting import AlreadyInvited, InvitationGone, make_invitation, try_code
from access.services.throttling import PER_ADDRESS, Throttled
from access.states import State
from audit.actors import Origin
from audit.models import Entry
from clients.models import Care, Client
from clients.services import enrolling
from clients.services.contacts import Contact
from clients.services.correcting import know_contact, renew_invitation, withdraw_invitation
from clients.services.enrolling import (
    NoAccount,
    NotInvited,
    confirm_identity,
    finish_enrolment,
    identity_is_confirmed,
    join_record,
)
from clients.services.inviting import MayNotHide, NewClient, NoSuchTherapist, guest_of, invite_client
from keys.errors import KeyRefused
from keys.models import Certificate, InvitationKey, Vault
from keys.services import Place, VaultKind, find_vault, holds_key, key_id_of_holder
from tests.access.newcomers import actor, begin, invite
from tests.access.pages.visitors import invite_ines


@pytest.fixture
def ines(cast):
    """Invited into Dana's care: the client's row, and the letter."""
    return invite_ines(cast)


@pytest.fixture
def begun(ines):
    """Ines has chosen a passphrase, and stands before the second factor."""
    return begin(ines[1])


def finish(opened, code=None):
    by, now = actor(opened), timezone.now()
    return finish_enrolment(by=by, code=code or next_code(opened.user).code, at=now)


def assert_nothing_was_taken(record, user):
    assert Client.objects.get(pk=record.pk).user is None
    assert find_vault(Place(VaultKind.SHARED, record.pk)) is None
    assert not User.objects.filter(pk=user.pk).exclude(state=State.ENROLLING).exists()
    assert not Entry.objects.filter(action="client:enrolled", obj_id=record.pk).exists()


class TestFinishing:
    def test_takes_the_clients_place_and_shares_with_the_care_team_alone(self, cast, ines, begun):
        opened, _ = finish(begun)
        record = Client.objects.get(pk=ines[0].pk)
        assert record.user == opened.user
        place = Place(VaultKind.SHARED, record.pk)
        holders = {cast.dana: True, cast.sam: False, cast.manager: False}
        for person, expected in holders.items():
            assert holds_key(key_id=key_id_of_holder(person.user.pk), place=place) is expected
        assert holds_key(key_id=opened.keys.key_id, place=place)

    def test_leaves_nothing_of_the_invitation_that_opens_or_names(self, ines, begun):
        opened, _ = finish(begun)
        row = Invitation.objects.get(pk=ines[1].invitation)
        assert (bytes(row.sealed_invitation), bytes(row.sealed_email)) == (b"", b"")
        assert opened.keys.invited == b""

    def test_happens_once(self, ines, begun):
        by, code = actor(begun), next_code(begun.user).code
        finish_enrolment(by=by, code=code, at=timezone.now())
        with pytest.raises((NotInvited, WrongFactor)):
            finish_enrolment(by=by, code=next_code(begun.user).code, at=timezone.now())
        assert Entry.objects.filter(action="client:enrolled", obj_id=ines[0].pk).count() == 1

    def test_with_a_wrong_code_takes_nothing(self, ines, begun):
        with pytest.raises(WrongFactor):
            finish(begun, code="nonsense")
        assert_nothing_was_taken(ines[0], begun.user)

    def test_stops_after_ten_codes_without_looking_at_the_right_one(self, ines, begun):
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(WrongFactor):
                finish(begun, code="nonsense")
        with pytest.raises(Throttled):
            finish(begun)
        assert_nothing_was_taken(ines[0], begun.user)

    def test_is_refused_to_a_session_without_an_opened_invitation(self, cast, ines, begun):
        keys = replace(begun.keys, invited=b"")
        by = Actor(begun.user, Role.ENROLLING, keys, begun.id, Origin())
        with pytest.raises(NotInvited):
            finish_enrolment(by=by, code=next_code(begun.user).code, at=timezone.now())
        assert_nothing_was_taken(ines[0], begun.user)


class TestMeanwhile:
    """What changed between the passphrase and the last step."""

    def test_the_invitation_was_withdrawn(self, cast, ines, begun):
        code = next_code(begun.user).code
        withdraw_invitation(by=cast.manager.as_(Role.MANAGER), client=ines[0], at=timezone.now())
        with pytest.raises((WrongFactor, InvitationGone)):
            finish(begun, code)
        assert_nothing_was_taken(ines[0], begun.user)

    def test_the_invitation_was_withdrawn_between_its_look_up_and_its_use(self, cast, ines, begun):
        """The withdrawal's own row is all that changed: the account was not yet swept away."""
        Invitation.objects.filter(pk=ines[1].invitation).update(withdrawn_at=timezone.now())
        with pytest.raises(InvitationGone):
            finish(begun)
        assert_nothing_was_taken(ines[0], begun.user)
        assert not Certificate.objects.filter(holder=begun.user.pk).exists()

    def test_somebody_else_took_the_place(self, cast, ines, begun):
        Client.objects.filter(pk=ines[0].pk).update(user=cast.noor.person.user)
        with pytest.raises(NotInvited):
            finish(begun)
        assert Client.objects.get(pk=ines[0].pk).user == cast.noor.person.user
        assert find_vault(Place(VaultKind.SHARED, ines[0].pk)) is None

    def test_a_therapist_was_written_into_the_care(self, cast, ines, begun):
        """The care team is the sealed one: a row that somebody wrote gives no key."""
        Care.objects.create(client=ines[0], therapist=cast.sam.user, started_at=timezone.now())
        finish(begun)
        place = Place(VaultKind.SHARED, ines[0].pk)
        assert not holds_key(key_id=key_id_of_holder(cast.sam.user.pk), place=place)

    @pytest.mark.parametrize("column", ["signature", "sig_public"])
    def test_the_inviters_word_for_the_invitation_was_changed(self, ines, begun, column):
        row = InvitationKey.objects.get(subject=ines[0].pk)
        changed = bytearray(getattr(row, column))
        changed[-1] ^= 1
        InvitationKey.objects.filter(pk=row.pk).update(**{column: bytes(changed)})
        with pytest.raises(KeyRefused):
            finish(begun)
        assert_nothing_was_taken(ines[0], begun.user)

    def test_the_therapists_certificate_was_changed(self, cast, ines, begun):
        Certificate.objects.filter(holder=cast.dana.user.pk).update(signature=b"\0" * 64)
        with pytest.raises(KeyRefused):
            finish(begun)
        assert_nothing_was_taken(ines[0], begun.user)


class TestJoining:
    @pytest.fixture
    def robin(self, cast):
        return cast.robin.person.as_(Role.CLIENT)

    def join(self, by, letter):
        return join_record(by=by, token=letter.token, code=letter.code, at=timezone.now())

    def test_happens_once(self, cast, robin):
        record, letter = invite_ines(cast, cast.robin.person.address)
        assert self.join(robin, letter).pk == record.pk
        with pytest.raises(InvitationGone):
            self.join(robin, letter)
        assert Vault.objects.filter(subject=record.pk, kind=VaultKind.SHARED).count() == 1

    def test_is_refused_with_an_invitation_for_staff(self, cast, robin):
        letter = invite(cast)
        with pytest.raises(NotInvited):
            self.join(robin, letter)
        assert Invitation.objects.get(pk=letter.invitation).used_at is None

    def test_is_refused_once_it_was_renewed(self, cast, robin):
        record, letter = invite_ines(cast, cast.robin.person.address)
        by, now = cast.manager.as_(Role.MANAGER), timezone.now()
        renewed = renew_invitation(by=by, known=know_contact(by=by, client=record, at=now), form=uuid4(), at=now)
        with pytest.raises(InvitationGone):
            self.join(robin, letter)
        assert self.join(robin, renewed).pk == record.pk

    def test_uses_up_the_invitation_of_this_record_and_no_other(self, cast, robin):
        made = [invite_ines(cast, cast.robin.person.address) for _ in range(4)]
        joined, letter = made.pop()
        self.join(robin, letter)
        used = Invitation.objects.filter(used_at__isnull=False, holder=robin.user.pk, subject__isnull=False)
        assert set(used.values_list("subject", flat=True)) == {cast.robin.client_id, joined.pk}
        for record, other in made:
            assert self.join(robin, other).pk == record.pk

    def test_is_refused_once_it_was_withdrawn_although_another_is_open(self, cast, robin, monkeypatch):
        """The withdrawal falls between the code and the place."""
        record, letter = invite_ines(cast, cast.robin.person.address)
        other, still_open = invite_ines(cast, cast.robin.person.address)

        def try_and_withdraw(**typed):
            tried = try_code(**typed)
            withdraw_invitation(by=cast.manager.as_(Role.MANAGER), client=record, at=timezone.now())
            return tried

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(enrolling, "try_code", try_and_withdraw)
            with pytest.raises(InvitationGone):
                self.join(robin, letter)
        assert Client.objects.get(pk=record.pk).user is None
        assert self.join(robin, still_open).pk == other.pk

    def test_leaves_the_first_record_as_it_is(self, cast, robin):
        first = Client.objects.get(pk=cast.robin.client_id)
        _, letter = invite_ines(cast, cast.robin.person.address)
        self.join(robin, letter)
        first.refresh_from_db()
        assert first.user == cast.robin.person.user


class TestConfirmIdentity:
    def test_needs_somebody_to_confirm(self, cast, ines):
        by = cast.dana.as_(Role.THERAPIST)
        with pytest.raises(NoAccount):
            confirm_identity(by=by, client=ines[0], at=timezone.now())
        assert not identity_is_confirmed(by=by, client=ines[0])

    def test_counts_for_this_client_alone(self, cast):
        by, robin = cast.dana.as_(Role.THERAPIST), Client.objects.get(pk=cast.robin.client_id)
        confirm_identity(by=by, client=robin, at=timezone.now())
        assert identity_is_confirmed(by=by, client=robin)
        assert not identity_is_confirmed(by=by, client=Client.objects.get(pk=cast.noor.client_id))

    def test_refuses_keys_that_nobody_vouched_for(self, cast):
        Certificate.objects.filter(holder=cast.robin.person.user.pk).update(signature=b"\0" * 64)
        robin = Client.objects.get(pk=cast.robin.client_id)
        with pytest.raises(KeyRefused):
            identity_is_confirmed(by=cast.dana.as_(Role.THERAPIST), client=robin)


class TestInvitingByHand:
    """What the form does not offer, sent all the same."""

    @pytest.fixture
    def contact(self):
        return Contact("Ada Quist", "ada@post.example")

    def test_a_therapist_puts_nobody_into_a_colleagues_care(self, cast, contact):
        before = Client.objects.count()
        for therapist in (cast.sam.user.pk, cast.manager.user.pk, uuid4()):
            with pytest.raises(NoSuchTherapist):
                invite_client(by=cast.dana.as_(Role.THERAPIST), new=NewClient(contact, therapist), at=timezone.now())
        assert Client.objects.count() == before

    @pytest.mark.parametrize("allowed", [False, True])
    def test_a_manager_hides_nobody_from_managers(self, cast, contact, allowed):
        Practice.objects.update(hidden_clients=allowed)
        new = NewClient(contact, cast.dana.user.pk, hidden=True)
        with pytest.raises(MayNotHide):
            invite_client(by=cast.manager.as_(Role.MANAGER), new=new, at=timezone.now())
        assert not Client.objects.filter(hidden=True).exists()

    def test_a_form_sent_twice_leaves_nothing_of_the_second(self, cast, contact):
        by, new = cast.manager.as_(Role.MANAGER), NewClient(contact, cast.dana.user.pk)
        record, _ = invite_client(by=by, new=new, at=timezone.now())
        before = [model.objects.count() for model in (Client, Care, Vault, Invitation, InvitationKey)]
        with pytest.raises(AlreadyInvited) as refused:
            invite_client(by=by, new=replace(new, contact=replace(contact, name="Eve")), at=timezone.now())
        assert refused.value.subject == record.pk
        assert [model.objects.count() for model in (Client, Care, Vault, Invitation, InvitationKey)] == before

    def test_a_form_of_one_invitation_makes_no_other_for_somebody_else(self, cast, contact, ines):
        by, form = cast.manager.as_(Role.MANAGER), uuid4()
        team = [cast.dana.user]
        make_invitation(by=by, guest=guest_of(by, ines[0], contact, team, form=form), at=timezone.now())
        other = Client.objects.get(pk=cast.noor.client_id)
        with pytest.raises(AlreadyInvited):
            make_invitation(by=by, guest=guest_of(by, other, contact, team, form=form), at=timezone.now())
