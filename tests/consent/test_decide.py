"""Purpose × timeline × time of the session, in full: the answer is the table in `consent.decide`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given

from consent.decide import (
    OVERRIDE_LASTS,
    SAME_VISIT,
    Allow,
    Decision,
    NeedSign,
    Override,
    Refused,
    decide,
    decide_together,
)
from consent.kinds import EventKind
from consent.purposes import ALWAYS_OPEN, Purpose
from consent.timeline import Status, Step
from tests.consent.steps import steps as any_steps

pytestmark = pytest.mark.once

# One week, from Monday. Everything happens at noon, sessions are at ten, notes are written on Sunday evening.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
VERSION = uuid4()
CLINICAL = (Purpose.SESSION_NOTE, Purpose.PROCESS_NOTE, Purpose.TREATMENT_PLAN)


def moment(day: int, hour: float) -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=day, hours=hour)


SUNDAY_EVENING = moment(SUNDAY, 20)


def timeline(story: str) -> list[Step]:
    """Make steps of a story such as "0 invited, 1 signed, 4 withdrawn": day and event."""
    steps = []
    for part in filter(None, story.split(", ")):
        day, kind = part.split()
        steps.append(Step(uuid4(), EventKind(kind), moment(int(day), 12), _until(EventKind(kind), int(day))))
    return steps


def _until(kind: EventKind, day: int) -> datetime | None:
    # An emergency reason runs for three days; what was signed elsewhere counts here for two.
    lasts = {EventKind.OVERRIDE_OPENED: OVERRIDE_LASTS, EventKind.SIGNED_ELSEWHERE: timedelta(days=2)}
    return moment(day, 12) + lasts[kind] if kind in lasts else None


def ask(steps: list[Step], purpose: Purpose, day: int, *, now: datetime = SUNDAY_EVENING) -> str:
    return type(decide(steps, purpose, session_at=moment(day, 10), now=now, version=VERSION)).__name__


# story, then the answers for sessions at ten on each day from Monday to Sunday:
# A allow, E elsewhere, N need sign, R refused; in the second row, for emergency notes, O override.
TABLE = [
    ("", "NNNNNNN", "NNNNNNN"),
    ("0 invited", "NNNNNNN", "NNNNNNN"),
    ("0 invited, 1 opened, 1 section_done", "NNNNNNN", "NNNNNNN"),
    # Signed on Tuesday at noon: Tuesday's session at ten was the same visit, Monday's was not.
    ("0 invited, 1 signed", "NAAAAAA", "NAAAAAA"),
    ("1 paper_recorded", "NAAAAAA", "NAAAAAA"),
    ("1 signed, 2 discussed, 2 cosigned, 3 copy_sent", "NAAAAAA", "NAAAAAA"),
    # Withdrawn on Friday at noon: Friday's session at ten still counts; a Monday without consent stays one.
    ("1 signed, 4 withdrawn", "RAAAARR", "RAAAARR"),
    ("1 signed, 4 declined", "RAAAARR", "RAAAARR"),
    ("1 signed, 3 withdrawn, 5 signed", "NAAARAA", "NAAARAA"),
    ("0 invited, 1 declined", "RRRRRRR", "RRRRRRR"),
    ("1 declined, 3 invited, 4 opened", "RRRRRRR", "RRRRRRR"),
    # Declined on Tuesday, signed on Thursday: what was refused then stays refused.
    ("1 declined, 3 signed", "NNRAAAA", "NNRAAAA"),
    ("1 signed, 3 superseded", "NAAAAAA", "NAAAAAA"),
    ("1 signed, 3 expired", "NAAANNN", "NAAANNN"),
    # Entered in error: it never carried anything.
    ("1 signed, 3 voided", "NNNNNNN", "NNNNNNN"),
    ("1 signed, 3 signed, 5 voided", "NAAAAAN", "NAAAAAN"),
    # An emergency reason of Friday noon runs until Monday noon: it covers what is written on Sunday.
    ("4 override_opened", "NNNNNNN", "OOOOOOO"),
    ("1 declined, 4 override_opened", "RRRRRRR", "OOOOOOO"),
    ("1 signed, 4 withdrawn, 5 override_opened", "RAAAARR", "OAAAAOO"),
    ("1 signed, 4 override_opened", "NAAAAAA", "OAAAAAA"),
    # One of Monday ran until Thursday noon: it covers only the sessions held meanwhile.
    ("0 override_opened", "NNNNNNN", "NOOONNN"),
    ("0 override_opened, 2 override_closed", "NNNNNNN", "NOONNNN"),
    ("0 override_opened, 5 signed", "NNNNNAA", "NOOONAA"),
    # Brought in on Tuesday with a paper that counts until Thursday noon: it is older than the import.
    ("1 signed_elsewhere", "EEEENNN", "EEEENNN"),
    ("1 signed_elsewhere, 4 override_opened", "EEEENNN", "EEEEOOO"),
    # The client's own word here ends it. Wednesday's session at ten was before a no of noon, and one visit with a yes.
    ("1 signed_elsewhere, 2 signed", "EEAAAAA", "EEAAAAA"),
    ("1 signed_elsewhere, 2 declined", "EEERRRR", "EEERRRR"),
    ("1 signed_elsewhere, 2 signed, 2 withdrawn", "EEARRRR", "EEARRRR"),
    # Once signed here, what ends that signature asks for another: the old paper does not come back.
    ("1 signed_elsewhere, 2 signed, 2 expired", "EEANNNN", "EEANNNN"),
]
LETTERS = {"Allow": "A", "NeedSign": "N", "Refused": "R", "Override": "O", "Elsewhere": "E"}


class TestDecide:
    @pytest.mark.parametrize(("story", "clinical", "emergency"), TABLE, ids=[row[0] or "nothing" for row in TABLE])
    @pytest.mark.parametrize("purpose", Purpose)
    def test_answers_by_the_table(self, story, clinical, emergency, purpose):
        answers = "".join(LETTERS[ask(timeline(story), purpose, day)] for day in range(7))
        expected = clinical if purpose in CLINICAL else emergency if purpose is Purpose.EMERGENCY_NOTE else "A" * 7
        assert answers == expected

    def test_every_purpose_has_its_place_in_the_table(self):
        assert set(Purpose) == {*CLINICAL, Purpose.EMERGENCY_NOTE, *ALWAYS_OPEN}

    def test_names_the_signature_it_goes_by(self):
        first, _, second = steps = timeline("1 signed, 3 superseded, 4 signed")
        for day, basis in [(TUESDAY, first), (THURSDAY, first), (SATURDAY, second)]:
            assert self.decide(steps, Purpose.SESSION_NOTE, day) == Allow(basis.id)

    def test_goes_by_the_signature_of_the_same_visit_and_no_later_one(self):
        first, second = steps = timeline("1 signed, 1 signed")
        steps[1] = replace(second, at=moment(TUESDAY, 13))
        assert self.decide(steps, Purpose.SESSION_NOTE, TUESDAY) == Allow(first.id)

    def test_names_the_emergency_reason_it_goes_by(self):
        (opened,) = steps = timeline("4 override_opened")
        decision = self.decide(steps, Purpose.EMERGENCY_NOTE, FRIDAY)
        assert decision == Override(opened.id, moment(FRIDAY, 12) + timedelta(hours=72))

    def test_tells_which_version_to_sign(self):
        assert self.decide([], Purpose.SESSION_NOTE, FRIDAY) == NeedSign(VERSION, None)

    def test_tells_when_a_signature_came_too_late_for_the_session(self):
        decision = self.decide(timeline("1 signed"), Purpose.SESSION_NOTE, MONDAY)
        assert decision == NeedSign(VERSION, signed_since=moment(TUESDAY, 12))

    def test_tells_what_the_client_refused_and_when(self):
        decision = self.decide(timeline("1 signed, 4 withdrawn"), Purpose.SESSION_NOTE, SATURDAY)
        assert isinstance(decision, Refused)
        assert decision.state.status is Status.WITHDRAWN
        assert decision.state.cause is not None
        assert decision.state.cause.at == moment(FRIDAY, 12)

    def test_tells_of_several_the_same_no_whoever_was_asked_first(self):
        declined, withdrew = timeline("0 invited, 0 opened, 1 declined"), timeline("0 signed, 1 withdrawn")
        asked = {"session_at": moment(FRIDAY, 10), "now": SUNDAY_EVENING, "version": VERSION}
        told = [
            decide_together([], {UUID(int=number): steps for number, steps in enumerate(order)}, purpose, **asked)
            for order in ([declined, withdrew], [withdrew, declined])
            for purpose in CLINICAL
        ]
        assert {no.state.status for no in told if isinstance(no, Refused)} == {Status.DECLINED}

    def test_needs_no_signature_for_a_call_but_names_one_in_force(self):
        (signed,) = steps = timeline("1 signed")
        assert self.decide(steps, Purpose.CONTACT_NOTE, MONDAY) == Allow(None)
        assert self.decide(steps, Purpose.CONTACT_NOTE, FRIDAY) == Allow(signed.id)

    @pytest.mark.parametrize(
        ("before", "answer"),
        [(timedelta(0), "Allow"), (SAME_VISIT, "Allow"), (SAME_VISIT + timedelta(seconds=1), "NeedSign")],
    )
    def test_a_visit_is_twelve_hours(self, before, answer):
        (signed,) = steps = timeline("1 signed")
        decision = decide(
            steps, Purpose.SESSION_NOTE, session_at=signed.at - before, now=SUNDAY_EVENING, version=VERSION
        )
        assert type(decision).__name__ == answer

    def test_closes_at_the_end_of_an_urgent_grace(self):
        signed, superseded = timeline("1 signed, 2 superseded")
        steps = [signed, replace(superseded, until=moment(FRIDAY, 12))]
        assert ask(steps, Purpose.SESSION_NOTE, FRIDAY) == "Allow"
        assert ask(steps, Purpose.SESSION_NOTE, SATURDAY) == "NeedSign"

    def test_does_not_know_the_future(self):
        steps = timeline("1 signed, 4 withdrawn")
        assert ask(steps, Purpose.SESSION_NOTE, MONDAY, now=moment(MONDAY, 11)) == "NeedSign"
        assert ask(steps, Purpose.SESSION_NOTE, TUESDAY, now=moment(TUESDAY, 11)) == "NeedSign"
        assert ask(steps, Purpose.SESSION_NOTE, SATURDAY, now=moment(THURSDAY, 11)) == "Allow"

    def test_the_emergency_reason_ends_to_the_second(self):
        steps = timeline("0 override_opened")
        end = moment(MONDAY, 12) + OVERRIDE_LASTS
        assert ask(steps, Purpose.EMERGENCY_NOTE, MONDAY, now=end - timedelta(seconds=1)) == "Override"
        assert ask(steps, Purpose.EMERGENCY_NOTE, MONDAY, now=end) == "NeedSign"

    @given(any_steps)
    def test_a_reason_never_opens_more_than_the_emergency_note(self, steps):
        reasons = {EventKind.OVERRIDE_OPENED, EventKind.OVERRIDE_CLOSED}
        without = [step for step in steps if step.kind not in reasons]
        for purpose in {*Purpose} - {Purpose.EMERGENCY_NOTE}:
            for day in range(4):
                assert self.decide(steps, purpose, day) == self.decide(without, purpose, day)

    @given(any_steps)
    def test_what_happens_later_never_closes_a_session_that_was_covered(self, steps):
        later = [Step(uuid4(), kind, moment(SATURDAY, 9)) for kind in (EventKind.WITHDRAWN, EventKind.DECLINED)]
        for day in range(4):
            decision = self.decide(steps, Purpose.SESSION_NOTE, day)
            if isinstance(decision, Allow):
                assert self.decide([*steps, *later], Purpose.SESSION_NOTE, day) == decision

    def decide(self, steps: list[Step], purpose: Purpose, day: int) -> Decision:
        return decide(steps, purpose, session_at=moment(day, 10), now=SUNDAY_EVENING, version=VERSION)
