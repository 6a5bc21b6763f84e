"""What managers and auditors learn of a restricted record, or of who is in it: nothing, on any page and in the log."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from access.models import Invitation
from audit.actors import Named, Nobody, Origin
from audit.acts import Act
from audit.models import Entry, EntrySubject
from audit.services import record_look, record_refusal
from clients.models import Care, Client
from clients.services.caseloads import carers, find_carer
from clients.services.contacts import browse_clients
from clients.services.finding import find_client
from clients.services.looks import browse_looks
from clients.services.restricting import ContactNotHeld
from clients.services.rotating import read_progress
from clients.services.unseen import unseen_in_log
from keys.models import Grant
from keys.services import flag_rotation
from tests.access.pages.visitors import invite_ines, text_of
from tests.clients.conftest import Record
from tests.clients.restricting.conftest import contact_of, lift, restrict

LOG = reverse("practice:browse_log")


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
