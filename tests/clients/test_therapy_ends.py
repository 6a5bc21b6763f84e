"""Therapy is over: the last therapist keeps the record to read, nobody else comes to it, and there is a way back."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import Invitation
from access.roles import Role
from audit.acts import Act
from clients.models import Care, CareLetter, Client
from clients.models.cover import Cover
from clients.services.caseloads import move_caseload
from clients.services.covers import is_reachable
from clients.services.ending import can_end
from clients.services.finding import NoSuchClient, find_client
from clients.services.handing import colleagues_for, hand_over
from clients.services.keeping import KeepingState, keeping_of
from clients.services.leaving import OnlyHolder, end_account, prepare_leaving
from clients.services.letters import browse_letters
from clients.services.therapy import (
    ColleaguesInCare,
    browse_ended,
    end_therapy,
    find_ended,
    let_keepers_go,
    resume_care,
)
from keys.services import VaultKind
from measures.services.asking import ask_for_measure
from notes.kinds import NoteKind
from notes.services.drafting import open_draft
from notes.services.ended import QuestionnairesOpen, browse_ended_notes, close_therapy
from notes.services.finding import NoSuchNote
from notes.services.reading import read_note
from notes.services.signing import sign_note
from tests.access.pages.visitors import invite_ines, text_of
from tests.cast import sign_consent
from tests.clients.cover.conftest import arrange
from tests.clients.keeping.ending import Ended
from tests.measures.conftest import PHQ
from tests.notes.conftest import CANARY, Desk

ALL = {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}


def now():
    return timezone.now()


def end(record):
    return end_therapy(by=record.dana, client=record.client, at=now())


@pytest.fixture
def note(robin_signed, record):
    return Desk(robin_signed.dana, record.client).sign()


@pytest.fixture
def over(record, note):
    end(record)
    return record


class TestEndTherapy:
    def test_leaves_every_key_with_the_therapist(self, cast, over):
        assert over.kinds_of(cast.dana) == ALL
        assert over.carers() == set()
        assert over.entries(Act.THERAPY_ENDED) == 1

    def test_starts_the_time_of_keeping(self, over):
        keeping = keeping_of(over.client, at=now())
        assert (keeping.state, keeping.ended_at) == (KeepingState.KEPT, Care.objects.get(client=over.client).ended_at)

    def test_is_told_to_the_client(self, cast, over):
        [letter] = browse_letters(by=over.robin, client=over.client, at=now())
        assert "Your therapy with Dana Whitlock is over." in letter.text

    def test_ends_an_open_invitation(self, cast, signed_in):
        client, _ = invite_ines(cast)
        end_therapy(by=cast.dana.as_(Role.THERAPIST), client=client, at=now())
        assert not Invitation.objects.unused().filter(subject=client.pk).exists()

    def test_ends_a_cover(self, cast, record):
        arrange(record)
        end(record)
        assert not Cover.objects.filter(ended_at=None).exists()
        assert record.kinds_of(cast.sam) == set()

    def test_waits_for_an_open_questionnaire(self, cast, record, note, refused_and_unchanged):
        ask_for_measure(by=record.dana, client=record.client, instrument=PHQ, at=now())
        refused_and_unchanged(QuestionnairesOpen, lambda: close_therapy(by=record.dana, client=record.client, at=now()))

    def test_is_refused_while_a_colleague_cares_too(self, cast, both, refused_and_unchanged):
        refused_and_unchanged(ColleaguesInCare, lambda: end(both))

    def test_is_no_managers(self, record, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: end_therapy(by=record.manager, client=record.client, at=now()))

    def test_is_no_colleagues(self, record, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: end_therapy(by=record.sam, client=record.client, at=now()))

    def test_happens_once(self, over, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: end(over))


class TestTheRecordThen:
    def test_is_read_with_a_look_that_is_logged(self, over, note):
        before = over.entries(Act.NOTE_READ)
        assert CANARY in read_note(by=over.dana, note_id=note.pk, at=now()).fields["brought"]
        assert over.entries(Act.NOTE_READ) == before + 1

    def test_is_begun_in_no_more(self, cast, over):
        with pytest.raises(NoSuchClient):
            Desk(cast.dana, over.client).begin(NoteKind.CALL)
        with pytest.raises(NoSuchClient):
            find_client(by=over.dana, client_id=over.client.pk)
        assert not is_reachable(by=over.dana, client=over.client)

    def test_is_nobody_elses(self, over, note):
        for by in (over.sam, over.manager):
            with pytest.raises(NoSuchNote):
                read_note(by=by, note_id=note.pk, at=now())
            with pytest.raises(NoSuchClient):
                find_ended(by=by, client_id=over.client.pk)
            with pytest.raises(NoSuchClient):
                resume_care(by=by, client=over.client, at=now())

    def test_is_no_managers_who_is_a_therapist_too(self, cast, over, note):
        cast.manager.user.roles_held.create(role=Role.THERAPIST)
        with pytest.raises(NoSuchNote):
            read_note(by=cast.manager.as_(Role.THERAPIST), note_id=note.pk, at=now())

    def test_of_a_past_care_that_kept_nothing_is_closed(self, over, note):
        Care.objects.filter(client=over.client).update(keeps_record=False)
        with pytest.raises(NoSuchNote):
            read_note(by=over.dana, note_id=note.pk, at=now())

    def test_closes_once_it_is_to_be_destroyed(self, cast, over, note):
        Ended(cast, over.client, Care.objects.get(client=over.client).ended_at).decide()
        with pytest.raises(NoSuchNote):
            read_note(by=over.dana, note_id=note.pk, at=now())
        assert browse_ended(by=over.dana, at=now()) == []

    def test_is_listed_with_its_date(self, over):
        [row] = browse_ended(by=over.dana, at=now())
        assert (row.keeping.client, row.keeping.keep_until, row.carers) == (
            over.client,
            keeping_of(over.client, at=now()).keep_until,
            [],
        )
        assert browse_ended(by=over.sam, at=now()) == []

    def test_may_be_put_on_hold_by_its_keeper(self, cast, over):
        Ended(cast, over.client, now()).hold(by=over.dana, at=now())
        assert keeping_of(over.client, at=now()).state == KeepingState.HELD

    def test_lets_a_draft_be_finished(self, cast, record):
        sign_consent(cast.robin)
        draft = Desk(cast.dana, record.client).write()
        end(record)
        assert browse_ended_notes(by=record.dana, client=record.client, at=now()).drafts == [draft]
        assert CANARY in open_draft(by=record.dana, draft_id=draft.pk, at=now()).fields["brought"]
        sign_note(by=record.dana, draft_id=draft.pk, revision=draft.revision, at=now())
        assert read_note(by=record.dana, note_id=draft.pk, at=now()).note.pk == draft.pk

    @pytest.mark.parametrize("columns", [{"ended_at": None}])
    def test_is_kept_after_care_only(self, over, columns):
        with pytest.raises(IntegrityError), transaction.atomic():
            Care.objects.filter(client=over.client).update(**columns)


class TestTheWayBack:
    def test_is_one_press_of_the_keeper(self, cast, over):
        resume_care(by=over.dana, client=over.client, at=now())
        assert over.carers() == {cast.dana.user.pk}
        assert over.kinds_of(cast.dana) == ALL
        assert not Care.objects.filter(keeps_record=True).exists()
        assert (over.entries(Act.CARE_RESUMED), CareLetter.objects.filter(client=over.client).count()) == (1, 2)
        assert Desk(cast.dana, over.client).begin(NoteKind.CALL).client == over.client

    def test_is_a_managers_for_the_keeper(self, cast, over):
        over.add(cast.dana)
        assert over.carers() == {cast.dana.user.pk}
        assert not Care.objects.filter(keeps_record=True).exists()

    def test_leads_to_a_colleague_by_the_usual_hand_over(self, cast, over):
        [outcome] = move_caseload(
            by=over.manager, therapist=cast.dana.user, client_ids=[over.client.pk], to=cast.sam.user, at=now()
        )
        assert "Dana Whitlock has to take the client into care again, and hand over." in outcome.words
        resume_care(by=over.dana, client=over.client, at=now())
        [to] = [one for one in colleagues_for(by=over.dana) if one.user == cast.sam.user]
        hand_over(by=over.dana, client=over.client, seen=to.seen, at=now())
        assert (over.kinds_of(cast.sam), over.kinds_of(cast.dana)) == (ALL, set())

    def test_takes_the_keepers_keys_once_a_colleague_in_care_holds_them(self, cast, both, note):
        Care.objects.filter(client=both.client, therapist=cast.dana.user).update(ended_at=now(), keeps_record=True)
        with transaction.atomic():
            let_keepers_go(both.client, by=both.manager, at=now())
        assert both.kinds_of(cast.dana) == set()
        with pytest.raises(NoSuchNote):
            read_note(by=both.dana, note_id=note.pk, at=now())

    def test_leaves_them_to_the_keeper_until_then(self, cast, over):
        over.add(cast.sam)
        with transaction.atomic():
            let_keepers_go(over.client, by=over.manager, at=now())
        assert over.kinds_of(cast.dana) == ALL


class TestAKeeperWhoLeaves:
    def test_is_held_by_what_would_be_left_to_nobody(self, cast, over):
        leaving = prepare_leaving(by=over.manager, user_id=cast.dana.user.pk)
        assert over.client.code in leaving.codes
        with pytest.raises(OnlyHolder):
            end_account(by=over.manager, user_id=cast.dana.user.pk, at=now())
        assert over.kinds_of(cast.dana) == ALL

    def test_is_held_by_what_is_shared_with_the_client_alone(self, cast, over):
        """The client holds that key too, and could not pass it on."""
        [kept] = Care.objects.filter(client=over.client)
        assert not can_end(kept)

    def test_goes_where_there_is_nothing_that_only_they_can_open(self, cast, signed_in):
        client, _ = invite_ines(cast)
        end_therapy(by=cast.dana.as_(Role.THERAPIST), client=client, at=now())
        others = Care.objects.filter(therapist=cast.dana.user).exclude(client=client)
        others.update(ended_at=now())
        end_account(by=cast.manager.as_(Role.MANAGER), user_id=cast.dana.user.pk, at=now())
        assert not Care.objects.filter(keeps_record=True).exists()

    def test_is_held_by_a_restricted_record_that_is_not_named(self, cast, over):
        Client.objects.filter(pk=over.client.pk).update(hidden=True)
        leaving = prepare_leaving(by=over.manager, user_id=cast.dana.user.pk)
        assert (over.client.code in leaving.codes, leaving.unnamed) == (False, True)


class TestThePages:
    def test_lead_through_the_end_and_back(self, cast, signed_in, record):
        sign_consent(cast.robin)
        note = Desk(cast.dana, record.client).sign()
        Desk(cast.dana, record.client).write(NoteKind.CALL)
        browser, client = signed_in(cast.dana), f"/clients/{record.client.pk}"
        assert "Not finished yet" in text_of(browser.get(f"{client}/therapy/end/"))
        browser.post(f"{client}/therapy/end/")
        assert "Robin" in text_of(browser.get("/clients/ended/"))
        assert "Robin" not in text_of(browser.get("/clients/"))
        # Whatever still leads to the client's page leads to the record that is kept.
        assert browser.get(f"{client}/notes/").url == f"{client}/ended/"
        assert "Take into care again" in text_of(browser.get(f"{client}/ended/"))
        answer = text_of(browser.get(f"/notes/{note.pk}/"))
        assert CANARY in answer
        assert "write a new note about the same moment" not in answer
        for path in (f"{client}/", f"{client}/notes/begin/", f"{client}/consent/", f"{client}/share/"):
            assert browser.get(path).status_code == 404
        browser.post(f"{client}/care/again/")
        assert browser.get(f"{client}/ended/").url == f"{client}/notes/"

    def test_are_a_strangers_404(self, cast, signed_in, over):
        browser = signed_in(cast.sam)
        assert browser.get(f"/clients/{over.client.pk}/ended/").status_code == 404
        assert browser.post(f"/clients/{over.client.pk}/care/again/").status_code == 404

    def test_say_to_a_manager_who_keeps_the_record(self, cast, signed_in, over):
        browser = signed_in(cast.manager)
        assert "kept by Dana Whitlock" in text_of(browser.get("/clients/"))
        assert "Dana Whitlock keeps the record" in text_of(browser.get(f"/clients/{over.client.pk}/"))
        assert browser.get(f"/clients/{over.client.pk}/ended/").status_code == 403

    def test_name_a_colleague_who_cares_too(self, cast, signed_in, both):
        path = f"/clients/{both.client.pk}/therapy/end/"
        assert "A colleague cares for this client too." in text_of(signed_in(cast.dana).get(path))

    def test_name_the_keeper_among_the_readers(self, cast, signed_in, over):
        answer = signed_in(cast.manager).get(f"/clients/{over.client.pk}/readers/")
        assert "keeps the record since the therapy ended" in text_of(answer)
