from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.kinds import SIGNATURES, EventKind
from consent.timeline import REFUSALS, Status, override_at, state_at, without_voided
from tests.consent.steps import HOUR, MONDAY, hours, step, steps

pytestmark = pytest.mark.once

CARRYING = {Status.SIGNED, Status.SUPERSEDED}


def status(*kinds: EventKind) -> Status:
    return state_at([step(kind, hour) for hour, kind in enumerate(kinds)], MONDAY + 100 * HOUR).status


class TestStateAt:
    @pytest.mark.parametrize(
        ("kinds", "expected"),
        [
            ("", "none"),
            ("invited", "invited"),
            ("invited opened", "in_progress"),
            ("opened", "in_progress"),
            ("invited opened section_done section_done question_asked answered", "in_progress"),
            ("invited opened invited", "in_progress"),
            ("invited opened reauthenticated signed", "signed"),
            ("invited paper_recorded", "signed"),
            ("signed sealed copy_sent discussed cosigned choice_set choice_revoked", "signed"),
            ("signed opened invited section_done", "signed"),
            ("signed superseded", "superseded"),
            ("signed superseded opened", "superseded"),
            ("signed superseded signed", "signed"),
            ("superseded", "none"),
            ("signed expired", "expired"),
            ("signed superseded expired", "expired"),
            ("signed expired signed", "signed"),
            ("signed voided", "voided"),
            ("voided", "none"),
            ("invited declined", "declined"),
            ("declined invited opened section_done esign_consented", "declined"),
            ("declined superseded expired voided", "declined"),
            ("declined signed", "signed"),
            ("signed declined", "declined"),
            ("signed withdrawn", "withdrawn"),
            ("signed withdrawn invited opened", "withdrawn"),
            ("signed withdrawn signed", "signed"),
            ("invited override_opened override_closed", "invited"),
        ],
    )
    def test_follows_what_happened(self, kinds, expected):
        assert status(*(EventKind(kind) for kind in kinds.split())) == expected

    def test_knows_nothing_of_what_comes_later(self):
        signed, withdrawn = step(EventKind.SIGNED, 1), step(EventKind.WITHDRAWN, 5)
        assert state_at([signed, withdrawn], MONDAY + 4 * HOUR).status is Status.SIGNED
        assert state_at([signed, withdrawn], MONDAY + 5 * HOUR).status is Status.WITHDRAWN

    def test_lets_a_superseded_signature_carry_until_its_day(self):
        timeline = [step(EventKind.SIGNED, 1), step(EventKind.SUPERSEDED, 2, until=10)]
        assert state_at(timeline, MONDAY + 9.9 * HOUR).signature == timeline[0]
        assert state_at(timeline, MONDAY + 10 * HOUR).signature is None
        assert state_at(timeline, MONDAY + 10 * HOUR).status is Status.SUPERSEDED

    @given(steps, st.randoms(use_true_random=False), hours)
    def test_does_not_depend_on_the_order_of_reading(self, timeline, random, hour):
        shuffled = random.sample(timeline, len(timeline))
        assert state_at(shuffled, MONDAY + hour * HOUR) == state_at(timeline, MONDAY + hour * HOUR)

    @given(steps, hours)
    def test_never_changes_its_word_about_the_past(self, timeline, hour):
        at = MONDAY + hour * HOUR
        assert state_at(timeline, at) == state_at([known for known in timeline if known.at <= at], at)

    @given(steps, hours)
    def test_a_signature_carries_only_where_one_was_given(self, timeline, hour):
        state = state_at(timeline, MONDAY + hour * HOUR)
        if state.signature is None:
            assert state.status is not Status.SIGNED
        else:
            assert state.status in CARRYING
            assert state.signature in timeline
            assert state.signature.kind in SIGNATURES

    @given(steps, st.sampled_from([EventKind.DECLINED, EventKind.WITHDRAWN]), st.data())
    def test_a_no_holds_until_the_client_signs(self, timeline, no, data):
        later = [kind for kind in EventKind if kind not in SIGNATURES]
        after = [step(kind, 62 + hour) for hour, kind in enumerate(data.draw(st.lists(st.sampled_from(later))))]
        state = state_at([*timeline, step(no, 61), *after], MONDAY + 200 * HOUR)
        assert state.status in REFUSALS
        assert state.signature is None

    @given(steps, st.sampled_from([EventKind.DECLINED, EventKind.WITHDRAWN, EventKind.VOIDED, EventKind.EXPIRED]))
    def test_what_closes_wins_at_the_same_instant(self, timeline, closing):
        together = [step(closing, 61), step(EventKind.SIGNED, 61)]
        assert state_at([*timeline, *together], MONDAY + 61 * HOUR).signature is None


class TestOverrideAt:
    def test_runs_from_its_opening_to_just_before_its_end(self):
        opened = step(EventKind.OVERRIDE_OPENED, 1, until=73)
        assert override_at([opened], MONDAY + 0.9 * HOUR) is None
        assert override_at([opened], MONDAY + 1 * HOUR) == opened
        assert override_at([opened], MONDAY + 72.9 * HOUR) == opened
        assert override_at([opened], MONDAY + 73 * HOUR) is None

    def test_ends_when_it_is_closed(self):
        opened, closed = step(EventKind.OVERRIDE_OPENED, 1, until=73), step(EventKind.OVERRIDE_CLOSED, 3)
        assert override_at([opened, closed], MONDAY + 2 * HOUR) == opened
        assert override_at([opened, closed], MONDAY + 3 * HOUR) is None

    def test_is_not_lengthened_by_a_second_reason(self):
        first, second = (step(EventKind.OVERRIDE_OPENED, hour, until=hour + 72) for hour in (1, 5))
        assert override_at([first, second], MONDAY + 10 * HOUR) == second
        assert override_at([first], MONDAY + 74 * HOUR) is None


class TestWithoutVoided:
    @given(steps)
    def test_takes_away_signatures_and_nothing_else(self, timeline):
        kept = without_voided(timeline)
        gone = [each for each in timeline if each not in kept]
        voids = [each for each in timeline if each.kind is EventKind.VOIDED]
        assert all(each.kind in SIGNATURES for each in gone)
        assert len(gone) <= len(voids)

    @given(steps)
    def test_leaves_a_timeline_without_voids_alone(self, timeline):
        plain = [each for each in timeline if each.kind is not EventKind.VOIDED]
        assert sorted(without_voided(plain), key=lambda s: s.id) == sorted(plain, key=lambda s: s.id)

    def test_takes_the_signature_just_before(self):
        first, second, void = step(EventKind.SIGNED, 1), step(EventKind.SIGNED, 2), step(EventKind.VOIDED, 3)
        assert without_voided([first, second, void]) == [first, void]
        assert without_voided([first, replace(second, at=MONDAY + 4 * HOUR), void])[0] == void
