"""What the database itself refuses, whoever writes, and what rows say of themselves."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import Invitation, Practice, RoleHeld, Throttle, User
from access.roles import Role
from access.states import State
from audit.models import Entry
from clients.models import Client
from tests.access.newcomers import invite, invite_guest


def refuses(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()
    return True


class TestThePractice:
    def test_is_one(self, cast):
        now = timezone.now()
        assert refuses(lambda: Practice.objects.create(id=2, name="Second", demo=False, founded_at=now))

    def test_is_named_in_the_log_by_its_number(self, cast):
        practice = Practice.objects.get()
        assert (practice.audit_type, practice.audit_uuid) == ("access.practice", UUID(int=1))
        assert practice.audit_handle is None


class TestAUser:
    def test_who_is_a_client_has_no_name_in_the_clear(self, cast):
        assert refuses(lambda: User.objects.filter(pk=cast.robin.person.user.pk).update(display_name="Robin"))

    def test_has_an_address_of_their_own(self, cast):
        taken = User.objects.get(pk=cast.dana.user.pk).email_lookup
        assert refuses(lambda: User.objects.filter(pk=cast.sam.user.pk).update(email_lookup=taken))

    @pytest.mark.parametrize("role", [Role.ENROLLING, Role.WAITING, "owner", ""])
    def test_holds_only_roles_that_can_be_given(self, cast, role):
        assert refuses(lambda: RoleHeld.objects.create(user=cast.auditor.user, role=role))

    def test_holds_a_role_once(self, cast):
        assert refuses(lambda: RoleHeld.objects.create(user=cast.dana.user, role=Role.THERAPIST))

    def test_says_its_id_and_nothing_else(self, cast):
        user = User.objects.get(pk=cast.dana.user.pk)
        assert str(user) == str(user.pk)
        assert (user.audit_type, user.audit_uuid, user.audit_handle) == ("access.user", user.pk, None)

    @pytest.mark.parametrize("state", State)
    def test_is_active_until_they_have_left(self, cast, state):
        assert User(state=state).is_active is (state != State.ENDED)


class TestAnInvitation:
    def test_of_a_client_has_no_name_in_the_clear(self, cast):
        letter = invite_guest(cast)
        assert refuses(lambda: Invitation.objects.filter(pk=letter.invitation).update(display_name="Ada"))

    @pytest.mark.parametrize("tries", [6, -1])
    def test_counts_from_none_to_five(self, cast, tries):
        letter = invite(cast)
        assert refuses(lambda: Invitation.objects.filter(pk=letter.invitation).update(tries=tries))

    def test_is_found_by_one_link_alone(self, cast):
        one, other = (Invitation.objects.get(pk=invite(cast, address=name).invitation) for name in ("a@b.de", "c@b.de"))
        assert refuses(lambda: Invitation.objects.filter(pk=other.pk).update(lookup=one.lookup))

    @pytest.mark.parametrize("spoiled", [{"used_at": True}, {"withdrawn_at": True}, {"expires_at": True}, {"tries": 5}])
    def test_works_until_one_thing_ends_it(self, cast, spoiled):
        now, letter = timezone.now(), invite(cast)
        rows = Invitation.objects.filter(pk=letter.invitation)
        assert Invitation.objects.working(now).filter(pk=letter.invitation).exists()
        rows.update(**{column: now if value is True else value for column, value in spoiled.items()})
        assert not Invitation.objects.working(now).filter(pk=letter.invitation).exists()
        is_unused = {"used_at", "withdrawn_at"}.isdisjoint(spoiled)
        assert Invitation.objects.unused().filter(pk=letter.invitation).exists() is is_unused

    def test_says_its_id_and_nothing_else(self, cast):
        row = Invitation.objects.get(pk=invite(cast).invitation)
        assert str(row) == str(row.pk)
        assert (row.audit_type, row.audit_uuid, row.audit_handle) == ("access.invitation", row.pk, None)


def test_a_throttle_counts_each_key_once(db):
    now = timezone.now()
    row = Throttle.objects.create(key=uuid4().bytes, window_from=now)
    assert str(row) == str(row.pk)
    assert refuses(lambda: Throttle.objects.create(key=row.key, window_from=now))


def test_a_client_row_names_itself_and_its_handle_in_the_log(cast):
    client = Client.objects.get(pk=cast.robin.client_id)
    assert (client.audit_type, client.audit_uuid) == ("clients.client", client.pk)
    assert Entry.objects.filter(action="client:enrolled", obj_type=client.audit_type, obj_id=client.audit_uuid).exists()
