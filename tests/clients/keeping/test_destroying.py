"""Deciding to destroy a record: thirty days, in which anybody entitled undoes it, and holds that win."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import Practice
from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models import Care
from clients.models.retention import Destruction, Extension, Hold, Tombstone
from clients.services import destroying
from clients.services.answering import NotYoursToDecide
from clients.services.destroying import NotDue, NothingToUndo, carry_out_due, undo_destruction
from clients.services.finding import NoSuchClient, find_client
from clients.services.holding import lift_hold
from clients.services.tombstones import put_back_tombstones
from notes.models import Draft
from notes.services.finding import drafts_of
from tests.clients.keeping.ending import A_DAY, DAYS_29, DAYS_31, a_tombstone_of, hide


class TestDecide:
    def test_waits_thirty_days(self, ended):
        decision = ended.decide()
        assert decision.due_at - decision.decided_at == timedelta(days=30)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_29) == []
        assert not ended.is_gone()
        assert len(carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31)) == 1
        assert ended.is_gone()

    @pytest.mark.parametrize("reason", ["early", "care", "hold", "twice"])
    def test_is_refused(self, cast, ended, reason):
        at = ended.due_at - A_DAY if reason == "early" else ended.due_at
        if reason == "care":
            Care.objects.create(client=ended.client, therapist=cast.sam.user, started_at=at)
        if reason == "hold":
            ended.hold()
        if reason == "twice":
            ended.decide()
        refused = Entry.objects.filter(action=Act.ACCESS_REFUSED, outcome="denied")
        decisions, denied = Destruction.objects.count(), refused.count()
        with pytest.raises(NotDue):
            ended.decide(at=at)
        assert (Destruction.objects.count(), refused.count()) == (decisions, denied + 1)

    def test_is_no_therapists(self, cast, ended):
        with pytest.raises(NotYoursToDecide):
            ended.decide(by=cast.dana.as_(Role.THERAPIST))
        assert not Destruction.objects.exists()

    def test_of_a_hidden_record_is_the_last_therapists_and_no_managers(self, cast, ended):
        hide(ended)
        with pytest.raises(NotYoursToDecide):
            ended.decide()
        assert ended.decide(by=cast.dana.as_(Role.THERAPIST)).pk

    def test_closes_the_drafts_that_an_author_could_still_finish(self, cast, full):
        Draft.objects.update(saved_at=full.ended_at)
        dana = cast.dana.as_(Role.THERAPIST)
        assert drafts_of(dana).exists()
        full.decide()
        assert not drafts_of(dana).exists()


class TestUndo:
    @pytest.mark.parametrize("after", [DAYS_29, DAYS_31])
    def test_opens_the_record_again_until_it_was_carried_out(self, ended, after):
        ended.decide()
        undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at + after)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        assert find_client(by=ended.manager, client_id=ended.client.pk)

    def test_comes_too_late_once_it_was(self, ended):
        ended.destroy()
        with pytest.raises(NoSuchClient):
            undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at + DAYS_31)

    def test_needs_a_decision(self, ended):
        with pytest.raises(NothingToUndo):
            undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at)


class TestHoldWins:
    def test_over_a_decision_which_it_ends(self, ended):
        ended.decide()
        hold = ended.hold(at=ended.due_at + DAYS_29)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at + DAYS_31)
        assert carry_out_due(by=ended.manager, at=ended.due_at + 2 * DAYS_31) == []
        assert not ended.is_gone()

    def test_after_the_thirty_days_too(self, ended):
        ended.decide()
        ended.hold(at=ended.due_at + DAYS_31)
        assert carry_out_due(by=ended.manager, at=ended.due_at + 2 * DAYS_31) == []

    def test_even_beside_a_decision_that_somebody_wrote_back(self, ended):
        ended.decide()
        ended.hold()
        Destruction.objects.update(undone_by=None, undone_at=None)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        assert not ended.is_gone()

    def test_over_what_came_back_with_a_restore(self, ended):
        put_back_tombstones([a_tombstone_of(ended)])
        ended.hold()
        assert carry_out_due(by=ended.manager, at=ended.due_at) == []
        assert not ended.is_gone()

    @pytest.mark.parametrize("what", ["care", "longer", "setting"])
    def test_so_does_whatever_moved_the_date_meanwhile(self, cast, ended, what):
        ended.decide()
        if what == "care":
            Care.objects.create(client=ended.client, therapist=cast.sam.user, started_at=ended.due_at)
        if what == "setting":
            Practice.objects.update(keep_years=12)
        if what == "longer":
            Extension.objects.create(
                client=ended.client,
                sealed_reason=b"",
                until=ended.due_at + 2 * DAYS_31,
                decided_by=cast.manager.user,
                decided_at=ended.due_at,
            )
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        assert not ended.is_gone()


class TestWhenTheyMeet:
    """A hold and a destruction at the same moment: each locks the client's row, and the later one looks again."""

    def test_a_hold_that_was_first_stops_the_destruction(self, ended, monkeypatch):
        decision = ended.decide()
        carry_out = destroying._carry_out

        def held_in_between(by, client_id, at):
            ended.hold(at=at)
            Destruction.objects.update(undone_by=None, undone_at=None)
            return carry_out(by, client_id, at)

        monkeypatch.setattr(destroying, "_carry_out", held_in_between)
        assert carry_out_due(by=ended.manager, at=decision.due_at) == []
        assert not ended.is_gone()

    def test_a_hold_that_was_second_finds_nobody_and_leaves_nothing(self, ended):
        ended.destroy()
        with pytest.raises(NoSuchClient):
            ended.hold()
        assert not Hold.objects.exists()

    def test_an_undoing_that_was_first_stops_the_destruction(self, ended, monkeypatch):
        decision = ended.decide()
        carry_out = destroying._carry_out

        def undone_in_between(by, client_id, at):
            undo_destruction(by=ended.manager, client=ended.client, at=at)
            return carry_out(by, client_id, at)

        monkeypatch.setattr(destroying, "_carry_out", undone_in_between)
        assert carry_out_due(by=ended.manager, at=decision.due_at) == []
        assert not ended.is_gone()

    def test_somebody_who_was_faster_leaves_nothing_to_do(self, ended, monkeypatch):
        decision = ended.decide()
        carry_out = destroying._carry_out

        def twice(by, client_id, at):
            return carry_out(by, client_id, at) and carry_out(by, client_id, at)

        monkeypatch.setattr(destroying, "_carry_out", twice)
        assert carry_out_due(by=ended.manager, at=decision.due_at) == []
        assert Tombstone.objects.count() == 1

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time")
    @pytest.mark.parametrize("act", ["hold", "decide", "undo", "destroy"])
    def test_each_locks_the_row(self, ended, act):
        if act in ("undo", "destroy"):
            ended.decide()
        with CaptureQueriesContext(connection) as statements:
            match act:
                case "hold":
                    ended.hold()
                case "decide":
                    ended.decide()
                case "undo":
                    undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at)
                case "destroy":
                    carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31)
        assert any('"clients_client"' in row["sql"] and "FOR UPDATE" in row["sql"] for row in statements)
