"""Lock 2: who may know of whom, in every role and after every change."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import RoleHeld
from access.roles import Role
from audit.models import Entry
from clients.models import Care, Client
from clients.services.caring import AlreadyInCare, start_care
from clients.services.finding import NoSuchClient, care_team, carers_of, codes_of, find_client
from clients.services.inviting import NoSuchTherapist
from keys.errors import KeyRefused
from keys.models import Certificate
from tests.access.newcomers import enrol, invite


@pytest.fixture
def robin(cast):
    return Client.objects.get(pk=cast.robin.client_id)


@pytest.fixture
def noor(cast):
    return Client.objects.get(pk=cast.noor.client_id)


def finds(by, client):
    try:
        return find_client(by=by, client_id=client.pk) == client
    except NoSuchClient:
        return False


class TestFindClient:
    def test_is_by_care_for_therapists(self, cast, robin, noor):
        dana = cast.dana.as_(Role.THERAPIST)
        assert (finds(dana, robin), finds(dana, noor)) == (True, False)

    def test_is_everybody_not_hidden_for_managers(self, cast, robin, noor):
        manager = cast.manager.as_(Role.MANAGER)
        Client.objects.filter(pk=noor.pk).update(hidden=True)
        assert (finds(manager, robin), finds(manager, noor)) == (True, False)

    def test_is_oneself_for_clients(self, cast, robin, noor):
        by = cast.robin.person.as_(Role.CLIENT)
        assert (finds(by, robin), finds(by, noor)) == (True, False)

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.WAITING, Role.ENROLLING])
    def test_is_nobody_in_any_other_role(self, cast, robin, role):
        for person in (cast.auditor, cast.dana, cast.manager, cast.robin.person):
            assert not finds(person.as_(role), robin)

    def test_ends_with_the_care(self, cast, robin):
        Care.objects.filter(client=robin).update(ended_at=timezone.now())
        assert not finds(cast.dana.as_(Role.THERAPIST), robin)
        assert care_team(robin) == []
        assert carers_of([robin]) == {robin.pk: []}

    def test_leaves_a_therapist_who_manages_their_own_hidden_clients(self, cast, robin):
        """Nobody else could look after them."""
        Client.objects.filter(pk=robin.pk).update(hidden=True)
        assert finds(cast.dana.as_(Role.MANAGER), robin)
        assert not finds(cast.manager.as_(Role.MANAGER), robin)

    def test_records_what_was_asked_for_and_never_whether_it_exists(self, cast, noor):
        said = []
        for client_id in (noor.pk, uuid4()):
            with pytest.raises(NoSuchClient) as refused:
                find_client(by=cast.dana.as_(Role.THERAPIST), client_id=client_id)
            entry = Entry.objects.latest("pk")
            assert (entry.action, entry.outcome, entry.obj_id) == ("access:refused", "denied", client_id)
            said.append(
                (str(refused.value), bytes(entry.body).replace(str(client_id).encode(), b"").count(b"clients."))
            )
        assert said[0] == said[1]


class TestCodesOfTheLog:
    @pytest.fixture
    def handles(self, robin, noor):
        return [robin.audit_handle, noor.audit_handle]

    def test_are_shown_to_whoever_reads_the_log(self, cast, handles, robin, noor):
        for person, role in ((cast.manager, Role.MANAGER), (cast.auditor, Role.AUDITOR)):
            assert codes_of(handles, by=person.as_(role)) == dict(zip(handles, (robin.code, noor.code), strict=True))

    def test_of_hidden_clients_are_shown_to_nobody_there(self, cast, handles, robin, noor):
        Client.objects.filter(pk=noor.pk).update(hidden=True)
        for person, role in ((cast.manager, Role.MANAGER), (cast.auditor, Role.AUDITOR)):
            assert codes_of(handles, by=person.as_(role)) == {robin.audit_handle: robin.code}

    def test_are_a_therapists_own_alone(self, cast, handles, robin):
        assert codes_of(handles, by=cast.dana.as_(Role.THERAPIST)) == {robin.audit_handle: robin.code}


class TestStartCare:
    def start(self, cast, client, therapist_id):
        by = cast.manager.as_(Role.MANAGER)
        return start_care(by=by, client=client, therapist_id=therapist_id, at=timezone.now())

    @pytest.mark.parametrize("who", ["manager", "auditor"])
    def test_needs_a_therapist(self, cast, robin, who):
        with pytest.raises(NoSuchTherapist):
            self.start(cast, robin, getattr(cast, who).user.pk)
        assert len(care_team(robin)) == 1

    def test_needs_somebody_who_was_confirmed(self, cast, robin):
        waiting = enrol(invite(cast)).user
        with pytest.raises(NoSuchTherapist):
            self.start(cast, robin, waiting.pk)

    def test_believes_certificates_and_no_roles_that_were_written_in(self, cast, robin):
        """A role slipped into the database gives no key to somebody nobody vouches for."""
        RoleHeld.objects.create(user=cast.auditor.user, role=Role.THERAPIST)
        Certificate.objects.filter(holder=cast.auditor.user.pk).update(signature=b"\0" * 64)
        with pytest.raises(KeyRefused):
            self.start(cast, robin, cast.auditor.user.pk)
        assert len(care_team(robin)) == 1

    def test_happens_once(self, cast, robin):
        self.start(cast, robin, cast.sam.user.pk)
        with pytest.raises(AlreadyInCare):
            self.start(cast, robin, cast.sam.user.pk)
        assert care_team(robin) == [cast.dana.user, cast.sam.user]

    def test_can_begin_again_after_it_ended(self, cast, robin):
        Care.objects.filter(client=robin).update(ended_at=timezone.now())
        self.start(cast, robin, cast.dana.user.pk)
        assert Care.objects.filter(client=robin, therapist=cast.dana.user).count() == 2

    def test_is_held_to_once_by_the_database_too(self, cast, robin):
        with pytest.raises(IntegrityError), transaction.atomic():
            Care.objects.create(client=robin, therapist=cast.dana.user, started_at=timezone.now())


class TestAClientsRow:
    def test_says_nobodys_name(self, robin):
        assert str(robin) == robin.code
        assert "Robin" not in f"{robin} {robin!r}"
        assert b"Robin" not in bytes(robin.sealed_contact)

    @pytest.mark.parametrize("column", ["code", "log_handle"])
    def test_has_a_code_and_a_handle_of_its_own(self, robin, noor, column):
        with pytest.raises(IntegrityError), transaction.atomic():
            Client.objects.filter(pk=noor.pk).update(**{column: getattr(robin, column)})
