"""A plan: written in versions, read by those in care, kept, exported, and destroyed with its record."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from access.roles import Role
from audit.acts import Act
from audit.services import AuditUnavailable
from clients.lasting import last_written
from clients.services.finding import NoSuchClient
from consent.services.refusing import withdraw
from keys.services import Place, VaultKind, flag_rotation
from notes.services.desk import overview_of, today_of
from plans.goals import GoalStatus, Step
from plans.models import Version
from plans.services.exporting import status_of
from plans.services.reading import look_back
from plans.services.writing import PlanMovedOn, PlanWaits, Proposal, tick_steps, write_plan
from tests.audit.sql import plant, run
from tests.clients.conftest import Record
from tests.clients.cover.conftest import arrange, open_it
from tests.clients.keeping.ending import end_care as end_therapy
from tests.consent.tampering import alter
from tests.notes.conftest import Desk, denied, done, end_care
from tests.notes.rotation.conftest import steps_of
from tests.plans.conftest import BROTHER, CANARY, SLEEP, Plan
from tests.practice.exporting.conftest import Full, bundle_in, resources_in, text_in
from tests.stored import require_bound_alike

DAY = timezone.localdate()


def versions(plan):
    return look_back(by=plan.desk.by, client=plan.desk.client, at=timezone.now())


def tick(plan, *names, after=1, form=None):
    proposal = Proposal(form or uuid4(), after, ())
    return tick_steps(
        by=plan.desk.by, client=plan.desk.client, ticked=proposal, done=frozenset(names), at=timezone.now()
    )


class TestWrite:
    def test_is_sealed_and_in_the_log(self, desk, log):
        heard, plan = log(), Plan(desk)
        version = plan.write()
        assert CANARY.encode() not in bytes(version.sealed_goals)
        assert done(Act.PLAN_WRITTEN) in heard.acts
        assert CANARY.encode() not in b"".join(heard.bodies)
        assert plan.read().goals == (SLEEP, BROTHER)

    def test_waits_for_a_signature(self, cast, unsigned):
        with pytest.raises(PlanWaits):
            Plan(unsigned).write()
        assert not Version.objects.exists()

    def test_ends_with_a_withdrawal_and_stays_to_be_read(self, cast, planned):
        by = cast.robin.person.as_(Role.CLIENT)
        withdraw(by=by, client=planned.desk.client, reason="", nonce=uuid4(), at=timezone.now())
        with pytest.raises(PlanWaits):
            planned.write(after=1)
        assert planned.read().latest.number == 1

    def test_overwrites_nothing(self, planned, log):
        planned.write(SLEEP, after=1)
        heard = log()
        with pytest.raises(PlanMovedOn):
            planned.write(BROTHER, after=1)
        assert heard.acts == [denied(Act.PLAN_REFUSED)]
        assert planned.read().goals == (SLEEP,)

    def test_sent_twice_is_written_once(self, desk):
        proposal, now = Proposal(uuid4(), 0, (SLEEP,)), timezone.now()
        for _ in range(2):
            write_plan(by=desk.by, client=desk.client, proposal=proposal, at=now)
        assert Version.objects.count() == 1

    def test_of_another_text_from_the_same_page_is_not_taken_for_it(self, planned):
        proposal, now = Proposal(uuid4(), 1, (SLEEP,)), timezone.now()
        said = {"by": planned.desk.by, "client": planned.desk.client, "at": now}
        write_plan(proposal=proposal, **said)
        for other in ({"goals": (BROTHER,)}, {"review_date": DAY}):
            with pytest.raises(PlanMovedOn):
                write_plan(proposal=replace(proposal, **other), **said)
        # Back to a text of before, and upon what there is now: it is a version like any other.
        write_plan(proposal=replace(proposal, goals=(BROTHER,), after=2), **said)
        assert write_plan(proposal=replace(proposal, after=3), **said).number == 4
        assert planned.read().goals == (SLEEP,)

    def test_is_for_those_in_care(self, cast, planned, sams_desk):
        end_care(planned.desk)
        for somebody in (planned.desk, sams_desk):
            with pytest.raises(NoSuchClient):
                planned.write(after=1, by=somebody)
            assert planned.read(by=somebody) is None
        assert Version.objects.count() == 1

    def test_is_not_for_a_colleague_who_covers_and_reads(self, cast, planned):
        record = Record(cast, planned.desk.client)
        arrange(record)
        open_it(record)
        sam = Desk(cast.sam, planned.desk.client)
        assert planned.read(by=sam).goals == (SLEEP, BROTHER)
        with pytest.raises(NoSuchClient):
            planned.write(after=1, by=sam)


class TestTick:
    def test_is_a_version_in_which_that_step_is_done(self, planned):
        [name, _] = planned.read().goals[0].steps_by_name[0]
        [kept, _] = planned.read().goals[1].steps_by_name[0]
        tick(planned, name, kept)
        assert planned.read().latest.number == 2
        assert versions(planned)[0].changes == ["Step done: “Phone stays in the kitchen”"]

    def test_that_changes_nothing_writes_nothing(self, planned):
        [kept, _] = planned.read().goals[1].steps_by_name[0]
        assert tick(planned, kept).number == 1
        with pytest.raises(PlanMovedOn):
            tick(planned, after=7)

    def test_upon_an_older_version_is_not_said_to_be_kept(self, planned):
        [kept, _] = planned.read().goals[1].steps_by_name[0]
        planned.write(after=1)
        with pytest.raises(PlanMovedOn):
            tick(planned, kept)

    def test_sent_twice_is_kept_once(self, planned):
        [name, _], form = planned.read().goals[0].steps_by_name[0], uuid4()
        assert [tick(planned, name, form=form).number for _ in range(2)] == [2, 2]


class TestRead:
    def test_is_a_look_in_the_log_before_it_opens(self, planned, log):
        heard = log()
        planned.read()
        assert heard.acts == [done(Act.PLAN_READ)]
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            planned.read()

    @pytest.mark.parametrize("change", [{"number": 3}, {"review_date": DAY}, {"written_at": timezone.now()}])
    def test_opens_nothing_whose_facts_were_altered(self, planned, change):
        alter(Version.objects.all(), **change)
        plan = planned.read()
        assert (plan.is_broken, plan.shown, plan.goals) == (True, None, ())
        assert planned.write(SLEEP, after=plan.latest.number)
        assert not planned.read().is_broken

    def test_opens_the_version_before_one_that_was_altered(self, planned, log):
        planned.write(SLEEP, after=1)
        alter(Version.objects.filter(number=2), sealed_goals=b"altered")
        plan = planned.read()
        assert (plan.is_broken, plan.latest.number, plan.shown.number) == (True, 2, 1)
        assert plan.goals == (SLEEP, BROTHER)
        with pytest.raises(PlanMovedOn):
            tick(planned, after=2)
        assert planned.write(BROTHER, after=2).number == 3

    def test_says_who_changed_what(self, planned):
        step = Step("Tea instead of the phone")
        sleep = replace(SLEEP, words="Sleeps through six nights", status=GoalStatus.PUT_ASIDE, steps=(step,))
        planned.write(sleep, after=1)
        planned.write(sleep, after=2, review=DAY)
        assert [one.changes and sorted(one.changes) for one in versions(planned)] == [
            [],
            sorted(
                [
                    f"Worded anew: “Sleeps through six nights”, before: “{SLEEP.words}”",
                    "Put aside: “Sleeps through six nights”",
                    "New step: “Tea instead of the phone”",
                    "Step taken out: “Phone stays in the kitchen”",
                    f"Taken out: “{BROTHER.words}”",
                ]
            ),
            sorted([f"New goal: “{SLEEP.words}”", f"New goal: “{BROTHER.words}”"]),
        ]
        alter(Version.objects.filter(number=2), review_date=DAY)
        assert [one.goals is None for one in versions(planned)] == [False, True, False]
        assert versions(planned)[0].changes is None


class TestTheDay:
    def test_has_the_plans_whose_review_is_due(self, planned):
        planned.write(after=1, review=DAY)
        now = timezone.now()
        assert [row.label for row in today_of(by=planned.desk.by, at=now).reviews] == ["Robin Marlowe"]
        assert overview_of(by=planned.desk.by, client=planned.desk.client, at=now).is_review_due
        planned.write(after=2, review=DAY + timedelta(days=1))
        assert today_of(by=planned.desk.by, at=now).reviews == []


class TestTheRecord:
    @pytest.mark.usefixtures("no_press")
    def test_goes_into_the_file_for_people_and_for_programs(self, planned):
        planned.write(after=1, review=DAY)
        packed = Full.export(Full(None, planned.desk, None, None, None, None))
        text = text_in(packed)
        assert text.count(CANARY) == 2
        assert "Goal 2: Reached" in text
        assert "[x] Practise the sentence" in text
        Bundle.model_validate(bundle_in(packed))
        [plan] = resources_in(packed, "CarePlan")
        goals = {f"urn:uuid:{goal['id']}": goal["lifecycleStatus"] for goal in resources_in(packed, "Goal")}
        assert [goals[goal["reference"]] for goal in plan["goal"]] == ["active", "completed"]
        assert plan["status"] == "active"
        alter(Version.objects.filter(number=2), number=7)
        packed = Full.export(Full(None, planned.desk, None, None, None, None))
        assert "Its seal is broken" in text_in(packed)
        assert not resources_in(packed, "CarePlan")

    def test_is_sealed_anew_and_destroyed_with_it(self, planned, cast):
        place = Place(VaultKind.RECORD, planned.desk.client.pk)
        assert require_bound_alike(place) == 1
        flag_rotation(places=[place], at=timezone.now())
        steps_of(planned.desk.by)
        assert planned.read().goals == (SLEEP, BROTHER)
        version = Version.objects.get()
        assert last_written([planned.desk.client.pk])[planned.desk.client.pk] >= version.written_at
        assert end_therapy(cast, cast.dana, planned.desk.client).destroy().texts >= 1
        assert not Version.objects.exists()

    @pytest.mark.parametrize("change", ["DELETE FROM plans_version", "UPDATE plans_version SET review_date = NULL"])
    def test_is_not_changed_by_any_statement(self, planned, change):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(change)

    def test_counts_its_versions(self, planned):
        version = Version.objects.get()
        version.pk, number = uuid4(), version.number
        for wrong in (number, 0):
            version.number = wrong
            with pytest.raises(IntegrityError), transaction.atomic():
                version.save(force_insert=True)
        assert str(version) == str(version.pk)


@pytest.mark.once
@pytest.mark.parametrize(
    ("goals", "status"),
    [
        ({GoalStatus.ACTIVE, GoalStatus.REACHED, GoalStatus.PUT_ASIDE}, "active"),
        ({GoalStatus.REACHED, GoalStatus.PUT_ASIDE}, "completed"),
        ({GoalStatus.PUT_ASIDE}, "on-hold"),
    ],
)
def test_a_plan_is_on_hold_where_all_of_it_is(goals, status):
    assert status_of(goals) == status
