"""A whole caseload: handed over by its therapist, or moved by a manager as far as a manager can."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import Practice, User
from access.roles import Role
from audit.acts import Act
from clients.models import Care, Client
from clients.services import handing
from clients.services.caseloads import browse_caseload, find_in_caseload, move_caseload
from clients.services.contacts import Contact
from clients.services.finding import NoSuchClient
from clients.services.handing import hand_over_caseload
from clients.services.inviting import NewClient, invite_client
from clients.services.sharing import share_keys
from keys.models import Grant
from keys.services import VaultKind
from tests.access.pages.visitors import invite_ines, text_of
from tests.clients.conftest import Record


@pytest.fixture
def ines(cast, record):
    """Look at a second client of Dana's, who has not come yet."""
    return Record(cast, invite_ines(cast)[0])


@pytest.fixture
def hidden(cast, record):
    """Look at a client whom Dana keeps from managers."""
    Practice.objects.update(hidden_clients=True)
    new = NewClient(Contact("Quiet Quinn", "quinn@post.example"), cast.dana.user.pk, hidden=True)
    return Record(cast, invite_client(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())[0])


def hand(by, mark, *records):
    ids = [record.client.pk for record in records]
    return [outcome.done for outcome in hand_over_caseload(by=by, client_ids=ids, seen=mark, at=timezone.now())]


def move(record, *records, to=None):
    """Move Dana's clients to Sam, as a manager."""
    cast, ids = record.cast, [one.client.pk for one in records]
    return move_caseload(
        by=record.manager, therapist=cast.dana.user, client_ids=ids, to=(to or cast.sam).user, at=timezone.now()
    )


class TestHandOverCaseload:
    def test_hands_over_each_who_was_ticked(self, cast, record, ines):
        assert hand(record.dana, record.mark(cast.sam), record, ines) == [True, True]
        assert record.carers() == ines.carers() == {cast.sam.user.pk}
        assert record.kinds_of(cast.dana) == ines.kinds_of(cast.dana) == set()

    def test_goes_on_past_one_that_has_to_wait(self, cast, record, ines):
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.dana.keys.key_id).delete()
        before = record.state()
        assert hand(record.dana, record.mark(cast.sam), record, ines) == [False, True]
        assert record.state() == before
        assert ines.carers() == {cast.sam.user.pk}

    def test_goes_on_past_a_key_that_nobody_vouches_for(self, cast, record, ines):
        Grant.objects.filter(vault__kind=VaultKind.RECORD).update(wrap=b"\0" * 1168)
        before = record.state()
        assert hand(record.dana, record.mark(cast.sam), record, ines) == [False, True]
        assert record.state() == before
        assert record.entries(Act.KEY_REFUSED, "denied") == 1

    def test_takes_no_colleagues_client_along(self, cast, record):
        noor = Record(cast, Client.objects.get(pk=cast.noor.client_id))
        before = noor.state()
        assert hand(record.dana, record.mark(cast.sam), noor) == [False]
        assert noor.state() == before

    def test_takes_no_more_at_once_than_one_answer_can_deal_with(self, cast, record, ines, monkeypatch):
        monkeypatch.setattr(handing, "BATCH", 1)
        assert hand(record.dana, record.mark(cast.sam), record, ines) == [True, False]
        assert ines.carers() == {cast.dana.user.pk}

    def test_takes_a_hidden_client_along(self, cast, hidden):
        assert hand(hidden.dana, hidden.mark(cast.sam), hidden) == [True]
        assert hidden.kinds_of(cast.manager) == set()


class TestHandOverCaseloadPage:
    path = "/clients/hand-over/"

    def test_lists_ones_own_clients_with_nobody_ticked(self, cast, signed_in, hidden):
        page = signed_in(cast.dana).get(self.path)
        for shown in ("Robin Marlowe", "Quiet Quinn", "Samuel Okafor"):
            assert shown in text_of(page)
        assert "Noor" not in text_of(page)
        assert " checked>" not in page.content.decode()

    def test_says_how_it_went_with_each(self, cast, signed_in, record, ines):
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.dana.keys.key_id).delete()
        ids = [str(record.client.pk), str(ines.client.pk)]
        words = text_of(signed_in(cast.dana).post(self.path, {"clients": ids, "to": record.mark(cast.sam)}))
        assert "Robin Marlowe not done yet You do not hold this key yourself yet" in words
        assert "Ines Moreau done Handed over to Samuel Okafor." in words

    def test_takes_nobody_who_was_not_in_the_list(self, cast, signed_in, record):
        for client_id in (cast.noor.client_id, uuid4()):
            typed = {"clients": [str(client_id)], "to": record.mark(cast.sam)}
            answer = signed_in(cast.dana).post(self.path, typed)
            assert "The list has changed since the page was shown. Please look again." in text_of(answer)

    def test_asks_for_clients_and_a_colleague(self, cast, signed_in, record):
        words = text_of(signed_in(cast.dana).post(self.path))
        assert "Please tick at least one client." in words
        assert "Please choose a colleague." in words

    def test_goes_on_with_those_who_are_left_by_one_press(self, cast, signed_in, record, ines, monkeypatch):
        monkeypatch.setattr(handing, "BATCH", 1)
        ids, dana = [str(record.client.pk), str(ines.client.pk)], signed_in(cast.dana)
        answer = dana.post(self.path, {"clients": ids, "to": record.mark(cast.sam)})
        assert "Ines Moreau not done yet Not tried yet." in text_of(answer)
        assert "Go on with the 1 left" in text_of(answer)
        assert (record.carers(), ines.carers()) == ({cast.sam.user.pk}, {cast.dana.user.pk})
        form = dict(re.findall(r'type="hidden" name="(clients|to)" value="([^"]+)"', answer.content.decode()))
        answer = dana.post(self.path, form)
        assert "Go on with" not in text_of(answer)
        assert ines.carers() == {cast.sam.user.pk}

    def test_is_not_for_managers(self, cast, signed_in, record):
        assert signed_in(cast.manager).get(self.path).status_code == 403

    def test_has_words_for_an_empty_list_and_a_practice_of_one(self, cast, signed_in, record):
        User.objects.filter(pk=cast.sam.user.pk).update(state="ended")
        assert "There is no other therapist in the practice yet." in text_of(signed_in(cast.dana).get(self.path))
        User.objects.filter(pk=cast.sam.user.pk).update(state="active")
        hand(record.dana, record.mark(cast.sam), record)
        assert "You have no clients in your care." in text_of(signed_in(cast.dana).get(self.path))


class TestMoveCaseload:
    def test_puts_into_care_and_says_who_has_to_press(self, cast, record):
        [outcome] = move(record, record)
        assert not outcome.done
        assert outcome.words == (
            "Samuel Okafor is in care and waits for the key. Dana Whitlock has to press “Share the key”."
        )
        assert record.carers() == {cast.dana.user.pk, cast.sam.user.pk}
        assert record.kinds_of(cast.dana) == {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}

    def test_sent_again_after_the_press_ends_the_care_before(self, cast, record):
        move(record, record)
        share_keys(by=record.dana, client=record.client, seen=frozenset([record.mark(cast.sam)]), at=timezone.now())
        [outcome] = move(record, record)
        assert outcome.done
        assert record.carers() == {cast.sam.user.pk}
        assert record.kinds_of(cast.dana) == set()

    def test_sent_twice_starts_one_care(self, cast, record):
        before = record.entries(Act.CARE_STARTED)
        for _ in range(2):
            move(record, record)
        assert record.entries(Act.CARE_STARTED) == before + 1

    def test_of_somebody_who_is_gone_names_the_recovery_key(self, cast, record):
        User.objects.filter(pk=cast.dana.user.pk).update(state="ended")
        [outcome] = move(record, record)
        assert outcome.words.endswith("Only the practice recovery key can pass the keys on.")

    def test_is_done_at_once_where_nothing_is_sealed_yet(self, cast, record, ines):
        [outcome] = move(record, ines)
        assert (outcome.done, outcome.words) == (True, "In the care of Samuel Okafor, who holds the keys.")
        assert ines.carers() == {cast.sam.user.pk}

    def test_moves_nobody_who_is_kept_from_managers(self, cast, record, hidden):
        before = hidden.state()
        assert [outcome.words for outcome in move(record, hidden)] == [NoSuchClient.message]
        assert hidden.state() == before
        assert record.entries(Act.ACCESS_REFUSED, "denied") == 1

    def test_moves_nobody_of_another_caseload(self, cast, record):
        noor = Record(cast, Client.objects.get(pk=cast.noor.client_id))
        before = noor.state()
        assert not move(record, noor)[0].done
        assert noor.state() == before


class TestTheListOfSomebodyElse:
    def names(self, record):
        by, therapist = record.manager, record.cast.dana.user
        return [row.label for row in browse_caseload(by=by, therapist=therapist, at=timezone.now())]

    def test_never_has_a_hidden_client(self, cast, record, hidden):
        assert self.names(record) == ["Robin Marlowe"]

    def test_has_none_either_for_a_manager_who_cares_for_them_too(self, cast, record, hidden):
        """They know the client, but the list is of what managers know."""
        cast.manager.user.roles_held.create(role=Role.THERAPIST)
        Care.objects.create(client=hidden.client, therapist=cast.manager.user, started_at=timezone.now())
        assert self.names(record) == ["Robin Marlowe"]
        with pytest.raises(NoSuchClient):
            find_in_caseload(by=record.manager, therapist=cast.dana.user, client_id=hidden.client.pk)

    def test_is_a_look_at_each_who_is_shown(self, cast, record):
        before = record.entries(Act.CLIENT_LISTED)
        self.names(record)
        assert record.entries(Act.CLIENT_LISTED) == before + 1


class TestMoveCaseloadPage:
    def path(self, person):
        return f"/people/{person.user.pk}/caseload/"

    def test_is_found_from_the_list_of_clients(self, cast, signed_in, record):
        page = signed_in(cast.manager).get("/clients/").content.decode()
        assert f'<a href="{self.path(cast.dana)}">Clients of Dana Whitlock</a>' in page

    def test_says_how_it_went_with_each(self, cast, signed_in, record):
        typed = {"clients": [str(record.client.pk)], "therapist": str(cast.sam.user.pk)}
        words = text_of(signed_in(cast.manager).post(self.path(cast.dana), typed))
        assert "Robin Marlowe not done yet Samuel Okafor is in care and waits for the key." in words

    def test_says_what_is_left_when_they_are_gone(self, cast, signed_in, record):
        words = text_of(signed_in(cast.manager).get(self.path(cast.dana)))
        assert "only the practice recovery key opens the records, with 2 of the 3 printed codes together" in words

    def test_has_no_hidden_client(self, cast, signed_in, hidden):
        page = signed_in(cast.manager).get(self.path(cast.dana)).content.decode()
        assert "Quinn" not in page
        assert hidden.client.code not in page

    @pytest.mark.parametrize("who", ["auditor", "nobody"])
    def test_is_about_therapists_alone(self, cast, signed_in, who):
        user_id = cast.auditor.user.pk if who == "auditor" else uuid4()
        assert signed_in(cast.manager).get(f"/people/{user_id}/caseload/")["Location"] == "/clients/"

    def test_is_still_there_for_somebody_who_is_no_therapist_any_more(self, cast, signed_in, record):
        cast.dana.user.roles_held.filter(role=Role.THERAPIST).delete()
        assert "Robin Marlowe" in text_of(signed_in(cast.manager).get(self.path(cast.dana)))

    def test_has_words_for_an_empty_list_and_a_practice_of_one(self, cast, signed_in, record):
        manager = signed_in(cast.manager)
        User.objects.filter(pk=cast.sam.user.pk).update(state="ended")
        assert "There is no other therapist in the practice yet." in text_of(manager.get(self.path(cast.dana)))
        Client.objects.update(hidden=True)
        assert "has no clients in care that managers know of." in text_of(manager.get(self.path(cast.dana)))
