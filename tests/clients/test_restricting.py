"""Restricted records: made so later, known to nobody but who cares, and given back to managers by their therapist."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from access.models import Invitation, Practice
from access.roles import Role
from audit.actors import Named, Nobody, Origin
from audit.acts import Act
from audit.models import Entry, EntrySubject
from audit.services import record_look, record_refusal
from clients.models import Care, Client
from clients.services.caring import start_care
from clients.services.caseloads import carers, find_carer
from clients.services.contacts import browse_clients
from clients.services.correcting import know_contact, renew_invitation
from clients.services.covering import Absence, arrange_cover
from clients.services.ending import end_care
from clients.services.finding import NoSuchClient, find_client
from clients.services.inviting import MayNotHide, MayNotInvite
from clients.services.looks import browse_looks
from clients.services.restricting import ContactNotHeld, lift_restriction, restrict_record
from clients.services.returning import invite_again
from clients.services.rotating import read_progress
from clients.services.unseen import unseen_in_log
from keys.errors import NoGrant
from keys.models import Certificate, Grant, HeldGrant, Vault
from keys.services import Place, VaultKind, flag_rotation, open_vault
from notes.kinds import NoteKind
from practice.cast import enrol_colleague
from tests.access.pages.visitors import invite_ines, text_of
from tests.cast import sign_consent
from tests.clients.conftest import Record
from tests.notes.conftest import Desk

LOG = reverse("practice:browse_log")


@pytest.fixture
def allowed(record: Record) -> Record:
    Practice.objects.update(hidden_clients=True)
    return record


@pytest.fixture
def restricted(allowed: Record) -> Record:
    restrict(allowed)
    return Record(allowed.cast, Client.objects.get(pk=allowed.client.pk))


def restrict(record, by=None):
    restrict_record(by=by or record.dana, client=record.client, at=timezone.now())


def lift(record, by=None):
    lift_restriction(by=by or record.dana, client=record.client, at=timezone.now())


def contact_of(record):
    return Place(VaultKind.CONTACT, record.client.pk)


def is_hidden(record):
    return Client.objects.get(pk=record.client.pk).hidden


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


class TestWhatAManagerLearns:
    @pytest.fixture
    def manager(self, cast, signed_in):
        return signed_in(cast.manager)

    @pytest.mark.parametrize(
        "path",
        [
            "/clients/",
            "/people/",
            "/rotation/",
            "/clients/keeping/",
            "/people/records-left-behind/",
            "/emergency-reasons/",
        ],
    )
    def test_is_in_no_list_or_count(self, cast, restricted, manager, path):
        answer = manager.get(path, follow=True)
        assert answer.status_code == 200
        assert "Robin" not in text_of(answer)
        assert restricted.client.code not in text_of(answer)

    def test_no_page_of_the_client_is_there(self, restricted, manager):
        for end in ("", "restricted/", "readers/", "care/", "care/end/", "keeping/", "log/"):
            known, unknown = (manager.get(f"/clients/{one}/{end}") for one in (restricted.client.pk, uuid4()))
            assert known.status_code == unknown.status_code
            assert known.status_code in (403, 404)

    def test_no_waiting_vault_is_counted(self, cast, restricted):
        flag_rotation(places=[contact_of(restricted)], at=timezone.now())
        assert read_progress(by=restricted.manager).waiting == ()
        assert len(read_progress(by=restricted.dana).waiting) == 1

    def test_nobody_is_listed_as_caring_who_cares_for_none_else(self, cast, restricted):
        cast.dana.user.roles_held.all().delete()
        assert cast.dana.user not in carers()
        assert find_carer(cast.dana.user.pk) is None


class TestTheLogOfManagersAndAuditors:
    @pytest.fixture(params=["manager", "auditor"])
    def reader(self, request, cast, signed_in):
        return signed_in(getattr(cast, request.param))

    def lines(self, browser, **asked):
        answer = browser.get(LOG, asked)
        return [line.entry for line in answer.context.get("lines", [])], answer

    def test_has_no_entry_about_the_client_alone_before_or_since(self, restricted, reader):
        handle = restricted.client.audit_handle
        assert EntrySubject.objects.filter(handle=handle).count() > 3
        _, answer = self.lines(reader)
        uids = {
            entry.uid for line in answer.context["lines"] for entry in [line.entry, *(one.entry for one in line.folded)]
        }
        mine = EntrySubject.objects.filter(handle=handle).values("entry_id")
        others = EntrySubject.objects.exclude(handle=handle).values("entry_id")
        alone = set(Entry.objects.filter(pk__in=mine).exclude(pk__in=others).values_list("uid", flat=True))
        assert alone
        assert not uids & alone

    def test_loses_the_client_from_entries_about_several(self, cast, restricted, reader):
        browse_clients(by=restricted.dana, at=timezone.now())
        Care.objects.create(client_id=cast.noor.client_id, therapist=cast.dana.user, started_at=timezone.now())
        browse_clients(by=restricted.dana, at=timezone.now())
        shown, answer = self.lines(reader, what="clients")
        assert shown[0].action == Act.CLIENT_LISTED
        assert len(shown[0].subjects) == 1
        assert "not shown here" not in text_of(answer)

    def test_finds_nothing_by_the_address_that_was_known_before(self, restricted, reader):
        shown, _ = self.lines(reader, about=str(restricted.client.pk))
        assert shown == []

    def test_has_no_page_for_such_an_entry(self, restricted, reader):
        entry = Entry.objects.filter(action=Act.CLIENT_RESTRICTED).get()
        known, unknown = (reader.get(f"{LOG}{uid}/") for uid in (entry.uid, uuid4()))
        assert (known.status_code, unknown.status_code) == (404, 404)

    def test_counts_none_of_them(self, restricted, reader):
        before = self.lines(reader)[1].context["figures"].entries
        find_client(by=restricted.dana, client_id=restricted.client.pk)
        browse_looks(by=restricted.robin, client=restricted.client, before=None, at=timezone.now())
        # The look at the log just before is one.
        assert self.lines(reader)[1].context["figures"].entries == before + 1

    def test_has_nothing_of_the_clients_own_account(self, cast, restricted, reader, signed_in):
        signed_in(cast.robin.person)
        acts = Entry.objects.filter(actor_id=f"u_{cast.robin.person.user.pk}")
        assert acts.exists()
        shown, _ = self.lines(reader)
        assert not {entry.uid for entry in shown} & set(acts.values_list("uid", flat=True))

    def test_has_nothing_that_the_account_did_elsewhere_or_that_was_done_to_it(self, restricted, reader):
        record_refusal(
            Act.ACCESS_REFUSED, by=restricted.robin, target=Named("practice.log", uuid4()), at=timezone.now()
        )
        record_look(Act.CODE_SENT, by=Nobody(Origin()), target=restricted.robin.user, at=timezone.now())
        shown, _ = self.lines(reader)
        assert not {entry.action for entry in shown} & {Act.ACCESS_REFUSED, Act.CODE_SENT}

    def test_shows_the_account_of_somebody_with_a_record_that_is_known(self, cast, restricted, reader, signed_in):
        Client.objects.filter(pk=cast.noor.client_id).update(user=cast.robin.person.user)
        assert cast.robin.person.user.pk not in unseen_in_log().ids

    def test_has_no_refusal_of_the_care_team_by_the_clients_id(self, restricted, reader):
        with pytest.raises(ContactNotHeld):
            self.refuse(restricted)
        assert self.lines(reader, about=str(restricted.client.pk))[0] == []

    def refuse(self, restricted):
        Client.objects.update(hidden=False)
        Grant.objects.filter(vault__kind="contact", grantee=restricted.cast.dana.keys.key_id).delete()
        try:
            restrict(restricted)
        finally:
            Client.objects.filter(pk=restricted.client.pk).update(hidden=True)

    def test_keeps_the_readers_own_refusal_as_for_an_address_of_nobody(self, cast, restricted, reader):
        """Else whoever tries an address would learn from the entry that is missing."""
        for client_id in (restricted.client.pk, uuid4()):
            reader.get(f"/clients/{client_id}/")
            assert [entry.action for entry in self.lines(reader, about=str(client_id))[0]] == [Act.ACCESS_REFUSED]

    def test_has_nothing_of_an_invitation_either(self, cast, allowed, reader):
        ines = Record(cast, invite_ines(cast)[0])
        invitation = Invitation.objects.get(subject=ines.client.pk)
        restrict(ines)
        assert {invitation.pk, invitation.holder} <= unseen_in_log().ids

    def test_tells_of_an_altered_entry_that_a_writer_ties_to_the_client(self, cast, restricted, reader):
        """Rows of the index hide nothing: only what an entry itself says does."""
        entry = (
            Entry.objects.filter(actor_id=f"u_{cast.manager.user.pk}", action=Act.CLIENT_LISTED).order_by("-pk").first()
        )
        entry = entry or Entry.objects.exclude(pk__in=EntrySubject.objects.values("entry_id")).order_by("-pk").first()
        EntrySubject.objects.create(entry_id=entry.pk, handle=restricted.client.audit_handle)
        assert reader.get(f"{LOG}{entry.uid}/").status_code == 200

    def test_has_it_all_again_once_managers_may_know(self, restricted, reader):
        assert self.lines(reader, about=str(restricted.client.pk))[0] == []
        lift(restricted)
        acts = {entry.action for entry in self.lines(reader, about=str(restricted.client.pk))[0]}
        assert {Act.CLIENT_RESTRICTED, Act.CLIENT_UNRESTRICTED} <= acts


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
