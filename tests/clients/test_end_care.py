"""The end of a care: keys are taken back, and nobody shuts a record by going."""

import pytest
from django.utils import timezone

from access.models import User
from access.roles import Role
from audit.acts import Act
from clients.models import Care, Client
from clients.services.ending import TO_FINISH, NobodyElseHolds, NotInTheirCare, end_care
from clients.services.handing import hand_over
from keys.errors import NoGrant
from keys.models import Grant, Vault
from keys.services import Place, VaultKind, holders_of, open_vault
from notes.kinds import NoteKind
from notes.services.drafting import open_draft
from notes.services.signing import sign_note
from tests.access.pages.visitors import invite_ines, text_of
from tests.cast import sign_consent
from tests.clients.conftest import Record
from tests.notes.conftest import CANARY, Desk


def end(by, record, person):
    return end_care(by=by, client=record.client, therapist_id=person.user.pk, at=timezone.now())


class TestEndCare:
    def test_takes_every_key_back(self, cast, both):
        end(both.dana, both, cast.dana)
        assert both.kinds_of(cast.dana) == set()
        with pytest.raises(NoGrant):
            open_vault(by=cast.dana.keys, place=Place(VaultKind.RECORD, both.client.pk))

    def test_has_the_keys_replaced(self, cast, both):
        end(both.dana, both, cast.dana)
        assert Vault.objects.filter(subject=both.client.pk, rotate_since=None).count() == 0

    def test_leaves_the_colleague_what_they_hold(self, cast, both):
        end(both.dana, both, cast.dana)
        assert both.kinds_of(cast.sam) == {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}
        assert both.carers() == {cast.sam.user.pk}
        assert both.entries(Act.CARE_ENDED) == 1

    def test_is_a_managers_too(self, cast, both):
        end(both.manager, both, cast.dana)
        assert both.kinds_of(cast.dana) == set()

    def test_leaves_process_notes_to_their_author(self, cast, both):
        desk = Desk(cast.dana, both.client)
        sign_consent(cast.robin)
        desk.begin(NoteKind.PROCESS)
        end(both.dana, both, cast.dana)
        place = Place(VaultKind.PROCESS, both.client.pk, author=cast.dana.user.pk)
        assert [row.holder for row in holders_of(place)] == [cast.dana.user.pk]

    def test_leaves_a_manager_the_contact(self, cast, both):
        cast.dana.user.roles_held.create(role=Role.MANAGER)
        end(both.dana, both, cast.dana)
        assert both.kinds_of(cast.dana) == {VaultKind.CONTACT}

    def test_of_a_hidden_client_leaves_a_manager_nothing(self, cast, both):
        cast.dana.user.roles_held.create(role=Role.MANAGER)
        Client.objects.filter(pk=both.client.pk).update(hidden=True)
        end(both.dana, both, cast.dana)
        assert both.kinds_of(cast.dana) == set()

    def test_of_a_client_who_never_came_leaves_nobody_in_care(self, cast, signed_in):
        client, _ = invite_ines(cast)
        end_care(by=cast.dana.as_(Role.THERAPIST), client=client, therapist_id=cast.dana.user.pk, at=timezone.now())
        assert not Care.objects.filter(client=client, ended_at=None).exists()


class TestIsRefused:
    @pytest.mark.parametrize("who", ["dana", "manager"])
    def test_while_nobody_else_is_in_care(self, cast, record, refused_and_unchanged, who):
        by = getattr(record, who)
        refused_and_unchanged(NobodyElseHolds, lambda: end(by, record, cast.dana))

    def test_while_the_colleague_waits_for_the_key(self, cast, waiting, refused_and_unchanged):
        refused_and_unchanged(NobodyElseHolds, lambda: end(waiting.dana, waiting, cast.dana))

    def test_while_only_somebody_who_left_holds_the_key(self, cast, both, refused_and_unchanged):
        Care.objects.filter(client=both.client, therapist=cast.sam.user).update(ended_at=timezone.now())
        refused_and_unchanged(NobodyElseHolds, lambda: end(both.dana, both, cast.dana))

    def test_while_the_client_alone_would_hold_what_is_shared(self, cast, waiting, refused_and_unchanged):
        Vault.objects.filter(subject=waiting.client.pk, kind=VaultKind.RECORD).update(subject=waiting.manager.user.pk)
        refused_and_unchanged(NobodyElseHolds, lambda: end(waiting.dana, waiting, cast.dana))

    def test_of_a_hidden_client_whose_contact_nobody_else_holds(self, cast, refused_and_unchanged, record):
        client, _ = invite_ines(cast)
        Client.objects.filter(pk=client.pk).update(hidden=True)
        Grant.objects.filter(vault__subject=client.pk, grantee=cast.manager.keys.key_id).delete()
        hidden = Record(cast, client)
        before = hidden.state()
        with pytest.raises(NobodyElseHolds):
            end(hidden.dana, hidden, cast.dana)
        assert hidden.state() == before

    def test_to_a_colleague(self, cast, both, refused_and_unchanged):
        refused_and_unchanged(NotInTheirCare, lambda: end(both.sam, both, cast.dana))

    def test_a_second_time(self, cast, both, refused_and_unchanged):
        end(both.dana, both, cast.dana)
        refused_and_unchanged(NotInTheirCare, lambda: end(both.manager, both, cast.dana))

    def test_says_what_to_do(self, cast, signed_in, waiting):
        path = f"/clients/{waiting.client.pk}/care/end/"
        answer = signed_in(cast.dana).post(path, {"therapist": str(cast.dana.user.pk)})
        assert "Share the key with Samuel Okafor first. Nothing was changed." in text_of(answer)
        Care.objects.filter(client=waiting.client, therapist=cast.sam.user).update(ended_at=timezone.now())
        answer = signed_in(cast.dana).post(path, {"therapist": str(cast.dana.user.pk)})
        assert "Hand the client over to a colleague instead. Nothing was changed." in text_of(answer)


class TestADraftOfTheLeavers:
    @pytest.fixture
    def draft(self, cast, both):
        sign_consent(cast.robin)
        return Desk(cast.dana, both.client).write()

    def test_is_finished_with_the_key_that_stays(self, cast, both, draft):
        end(both.dana, both, cast.dana)
        assert both.kinds_of(cast.dana) == {VaultKind.RECORD}
        now = timezone.now()
        assert CANARY in open_draft(by=both.dana, draft_id=draft.pk, at=now).fields["brought"]
        assert sign_note(by=both.dana, draft_id=draft.pk, revision=draft.revision, at=now).pk == draft.pk

    def test_keeps_it_for_three_days(self, cast, both, draft):
        care = end(both.dana, both, cast.dana)
        place = Place(VaultKind.RECORD, both.client.pk)
        [ends] = [row.expires_at for row in holders_of(place) if row.holder == cast.dana.user.pk]
        assert ends == care.ended_at + TO_FINISH
        Grant.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now())
        assert both.kinds_of(cast.dana) == set()

    def test_does_not_make_them_somebody_who_holds_the_key(self, cast, both, draft, refused_and_unchanged):
        end(both.dana, both, cast.dana)
        refused_and_unchanged(NobodyElseHolds, lambda: end(both.sam, both, cast.sam))

    def test_opens_no_note_to_them(self, cast, both, draft, signed_in):
        end(both.dana, both, cast.dana)
        assert signed_in(cast.dana).get(f"/clients/{both.client.pk}/notes/").status_code == 404

    def test_of_process_notes_keeps_no_key(self, cast, both):
        sign_consent(cast.robin)
        Desk(cast.dana, both.client).write(NoteKind.PROCESS)
        end(both.dana, both, cast.dana)
        assert both.kinds_of(cast.dana) == set()


class TestEndCarePage:
    def test_offers_a_therapist_their_own_care_and_a_manager_all(self, cast, signed_in, both):
        path = f"/clients/{both.client.pk}/care/end/"
        assert "Samuel Okafor" not in signed_in(cast.dana).get(path).content.decode()
        assert "Samuel Okafor" in signed_in(cast.manager).get(path).content.decode()

    def test_leads_away_from_a_client_who_is_closed_now(self, cast, signed_in, both):
        dana, path = signed_in(cast.dana), f"/clients/{both.client.pk}/care/end/"
        answer = dana.post(path, {"therapist": str(cast.dana.user.pk)}, follow=True)
        assert answer.redirect_chain == [("/clients/", 302)]
        assert "The keys to the record of Robin Marlowe were taken back." in text_of(answer)
        assert dana.get(path).status_code == 404

    def test_takes_no_colleagues_name_from_a_therapist(self, cast, signed_in, both):
        path = f"/clients/{both.client.pk}/care/end/"
        assert signed_in(cast.dana).post(path, {"therapist": str(cast.sam.user.pk)}).status_code == 200
        assert both.carers() == {cast.dana.user.pk, cast.sam.user.pk}

    def test_says_so_where_nobody_is_in_care(self, cast, signed_in, record):
        Care.objects.filter(client=record.client).update(ended_at=timezone.now())
        page = signed_in(cast.manager).get(f"/clients/{record.client.pk}/care/end/")
        assert "Nobody has this client in care at the moment." in text_of(page)


def test_a_leaver_whose_name_changed_is_still_named_in_the_log(cast, both, signed_in):
    """Names are looked up when the log is read: the entry holds the care alone."""
    hand_over(by=both.dana, client=both.client, seen=both.mark(cast.sam), at=timezone.now())
    User.objects.filter(pk=cast.sam.user.pk).update(display_name="Samuel Okafor-Lind")
    page = text_of(signed_in(cast.manager).get("/log/"))
    assert "Handed a client over to Samuel Okafor-Lind" in page
