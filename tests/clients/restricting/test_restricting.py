"""Restricted records: made so later, known to nobody but who cares, and given back to managers by their therapist."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import Invitation, Practice
from access.roles import Role
from audit.acts import Act
from audit.services import record_look
from clients.models import Care
from clients.services.caring import start_care
from clients.services.contacts import browse_clients
from clients.services.correcting import know_contact, renew_invitation
from clients.services.covering import Absence, arrange_cover
from clients.services.ending import end_care
from clients.services.finding import NoSuchClient, find_client
from clients.services.inviting import MayNotHide, MayNotInvite
from clients.services.looks import browse_looks
from clients.services.restricting import ContactNotHeld
from clients.services.returning import invite_again
from keys.errors import NoGrant
from keys.models import Certificate, Grant, HeldGrant, Vault
from keys.services import VaultKind, open_vault
from notes.kinds import NoteKind
from practice.cast import enrol_colleague
from tests.access.pages.visitors import invite_ines, text_of
from tests.cast import sign_consent
from tests.clients.conftest import Record
from tests.clients.restricting.conftest import contact_of, is_hidden, lift, restrict
from tests.notes.conftest import Desk


class TestRestrict:
    def test_takes_the_managers_key_and_has_the_vaults_replaced(self, cast, restricted):
        assert restricted.kinds_of(cast.manager) == set()
        with pytest.raises(NoGrant):
            open_vault(by=cast.manager.keys, place=contact_of(restricted))
        vault = Vault.objects.get(subject=restricted.client.pk, kind=VaultKind.CONTACT)
        assert vault.wanted_generation == vault.current_generation + 1

    def test_takes_what_a_restore_keeps_aside_for_managers_too(self, cast, allowed):
        grant = Grant.objects.get(
            vault__kind="contact", vault__subject=allowed.client.pk, grantee=cast.manager.keys.key_id
        )
        HeldGrant.objects.create(
            vault=grant.vault,
            generation=1,
            grantee=grant.grantee,
            wrap=grant.wrap,
            granted_by=grant.granted_by,
            granted_at=grant.granted_at,
            accepted=b"",
        )
        grant.delete()
        restrict(allowed)
        assert not HeldGrant.objects.exists()

    def test_leaves_care_team_client_and_recovery_what_they_hold(self, cast, restricted):
        assert restricted.kinds_of(cast.dana) == {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}
        recovery = bytes(Certificate.objects.get(kind="recovery").key_id)
        assert Grant.objects.filter(grantee=recovery, vault__subject=restricted.client.pk).count() == 3
        assert find_client(by=restricted.robin, client_id=restricted.client.pk)

    def test_leaves_a_manager_who_cares_for_the_client_alone(self, cast, allowed):
        Care.objects.create(client=allowed.client, therapist=cast.manager.user, started_at=timezone.now())
        restrict(allowed)
        assert allowed.kinds_of(cast.manager) == {VaultKind.CONTACT}

    def test_lets_the_key_of_a_manager_who_covers_end_with_the_cover(self, cast, allowed):
        cast.manager.user.roles_held.create(role=Role.THERAPIST)
        now = timezone.now()
        until, seen = now + timedelta(days=2), frozenset([allowed.mark(cast.manager)])
        arrange_cover(by=allowed.dana, client=allowed.client, seen=seen, absence=Absence(now, until), at=now)
        restrict(allowed)
        [grant] = Grant.objects.filter(
            vault__kind="contact", vault__subject=allowed.client.pk, grantee=cast.manager.keys.key_id
        )
        assert grant.expires_at == until

    def test_ends_an_open_invitation_whose_maker_has_link_and_code(self, cast, allowed):
        ines = Record(cast, invite_ines(cast)[0])
        restrict(ines)
        assert not Invitation.objects.unused().exists()
        assert ines.entries(Act.INVITATION_WITHDRAWN) == 1

    def test_asked_twice_is_done_once(self, restricted):
        restrict(restricted)
        assert restricted.entries(Act.CLIENT_RESTRICTED) == 1

    def test_is_told_to_the_client(self, restricted):
        looks = browse_looks(by=restricted.robin, client=restricted.client, before=None, at=timezone.now()).looks
        assert "kept your record from the managers of the practice" in [look.what for look in looks]


class TestIsRefused:
    def test_where_the_setting_does_not_allow_it(self, record, refused_and_unchanged):
        refused_and_unchanged(MayNotHide, lambda: restrict(record))

    def test_to_a_manager(self, allowed, refused_and_unchanged):
        refused_and_unchanged(MayNotHide, lambda: restrict(allowed, by=allowed.manager))

    def test_to_a_colleague_who_does_not_care_for_the_client(self, allowed, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: restrict(allowed, by=allowed.sam))

    def test_to_somebody_who_would_leave_the_contact_to_nobody_in_care(self, cast, allowed, refused_and_unchanged):
        Grant.objects.filter(vault__kind="contact", grantee=cast.dana.keys.key_id).delete()
        refused_and_unchanged(ContactNotHeld, lambda: restrict(allowed))
        assert not is_hidden(allowed)

    def test_to_lift_by_anybody_but_who_cares(self, restricted, refused_and_unchanged):
        for by in (restricted.sam, restricted.manager):
            refused_and_unchanged(NoSuchClient, lambda by=by: lift(restricted, by=by))
        assert is_hidden(restricted)


class TestLift:
    def test_gives_managers_the_contact_again_and_no_more(self, cast, restricted):
        Practice.objects.update(hidden_clients=False)
        lift(restricted)
        assert restricted.kinds_of(cast.manager) == {VaultKind.CONTACT}
        listed = browse_clients(by=restricted.manager, at=timezone.now())
        assert "Robin Marlowe" in [row.label for row in listed]

    def test_gives_nothing_to_a_manager_whom_nobody_vouches_for(self, cast, restricted):
        ruth = enrol_colleague(manager=cast.manager, name="Ruth", address="ruth@alder.example", roles=(Role.MANAGER,))
        Certificate.objects.filter(holder=ruth.user.pk).delete()
        lift(restricted)
        assert restricted.kinds_of(ruth) == set()
        assert restricted.kinds_of(cast.manager) == {VaultKind.CONTACT}

    def test_asked_twice_is_done_once(self, restricted):
        lift(restricted)
        lift(restricted)
        assert restricted.entries(Act.CLIENT_UNRESTRICTED) == 1


class TestAManagerWithAnOldPage:
    """What was found a moment before is looked at again under the client's lock."""

    def test_puts_nobody_into_care(self, cast, restricted, refused_and_unchanged):
        act = {"client": restricted.client, "therapist_id": cast.sam.user.pk, "at": timezone.now()}
        refused_and_unchanged(NoSuchClient, lambda: start_care(by=restricted.manager, **act))

    def test_ends_no_care(self, cast, restricted, refused_and_unchanged):
        act = {"client": restricted.client, "therapist_id": cast.dana.user.pk, "at": timezone.now()}
        refused_and_unchanged(NoSuchClient, lambda: end_care(by=restricted.manager, **act))

    def test_makes_no_new_link(self, cast, allowed):
        ines = Record(cast, invite_ines(cast)[0])
        known = know_contact(by=ines.manager, client=ines.client, at=timezone.now())
        restrict(ines)
        with pytest.raises(NoSuchClient):
            renew_invitation(by=ines.manager, known=known, form=uuid4(), at=timezone.now())
        assert not Invitation.objects.unused().exists()

    def test_makes_no_way_back_for_the_client(self, allowed):
        known = know_contact(by=allowed.manager, client=allowed.client, at=timezone.now())
        restrict(allowed)
        with pytest.raises(NoSuchClient):
            invite_again(by=allowed.manager, known=known, form=uuid4(), at=timezone.now())
        assert not Invitation.objects.unused().exists()


class TestWhatTheTherapistThenDoesAlone:
    def test_puts_the_contact_right_though_managers_invite_here(self, cast, restricted):
        Practice.objects.update(therapists_invite=False)
        assert know_contact(by=restricted.dana, client=restricted.client, at=timezone.now()).contact.name
        lift(restricted)
        restricted.client.refresh_from_db()
        with pytest.raises(MayNotInvite):
            know_contact(by=restricted.dana, client=restricted.client, at=timezone.now())

    def test_looks_through_the_log_of_the_record(self, cast, restricted, signed_in):
        page = text_of(signed_in(cast.dana).get(f"/clients/{restricted.client.pk}/log/"))
        assert "Kept a client from managers" in page
        assert "Managers and auditors see none of it" in page

    def test_which_tells_nothing_of_a_colleagues_own_notes(self, cast, waiting, signed_in):
        sign_consent(cast.robin)
        Desk(cast.dana, waiting.client).begin(NoteKind.PROCESS)
        record_look(Act.CLIENT_READ, by=waiting.dana, target=waiting.client, at=timezone.now())
        path = f"/clients/{waiting.client.pk}/log/"
        assert "raft of a process note" in text_of(signed_in(cast.dana).get(path))
        assert "raft of a process note" not in text_of(signed_in(cast.sam).get(path))


class TestThePage:
    def test_says_what_it_means_then_does_it_and_back(self, cast, allowed, signed_in):
        dana, page = signed_in(cast.dana), f"/clients/{allowed.client.pk}/"
        assert "Keep this client from managers" in text_of(dana.get(page))
        assert "only the practice’s printed recovery sheets" in text_of(dana.get(f"{page}restricted/"))
        assert "Kept from managers." in text_of(dana.post(f"{page}restricted/", follow=True))
        assert is_hidden(allowed)
        assert "Let managers know of this client" in text_of(dana.get(f"{page}restricted/"))
        assert "Managers know of this client again" in text_of(dana.post(f"{page}restricted/lift/", follow=True))
        assert not is_hidden(allowed)

    def test_is_not_offered_where_the_setting_does_not_allow_it(self, cast, record, signed_in):
        dana, page = signed_in(cast.dana), f"/clients/{record.client.pk}/"
        assert "Keep this client from managers" not in text_of(dana.get(page))
        assert MayNotHide.message in text_of(dana.post(f"{page}restricted/", follow=True))
