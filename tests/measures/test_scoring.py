"""Numbers as the sources count them."""

from datetime import UTC, datetime, timedelta

import pytest

from measures.chart import draw
from measures.instruments import instruments
from measures.scoring import add_up, band_of, compare, is_alarm

pytestmark = pytest.mark.once

PHQ, GAD = instruments()["phq-9"], instruments()["gad-7"]
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TestInstruments:
    def test_are_the_two_in_their_own_words(self):
        assert list(instruments()) == ["phq-9", "gad-7"]
        assert [len(one.items) for one in instruments().values()] == [9, 7]
        assert PHQ.items[1].text == "Feeling down, depressed, or hopeless"
        assert PHQ.items[8].text == "Thoughts that you would be better off dead or of hurting yourself in some way"
        assert GAD.items[6].text == "Feeling afraid as if something awful might happen"

    @pytest.mark.parametrize("instrument", [PHQ, GAD])
    def test_ask_from_not_at_all_to_nearly_every_day(self, instrument):
        scale = ("Not at all", "Several days", "More than half the days", "Nearly every day")
        assert {item.choices for item in instrument.items} == {scale}
        assert len(instrument.difficulty.choices) == 4

    def test_reach_from_0_to_27_and_to_21(self):
        assert (PHQ.highest, GAD.highest) == (27, 21)

    def test_show_only_the_ninth_item_by_itself(self):
        assert (PHQ.alarm_item, GAD.alarm_item) == (9, None)


class TestSum:
    @pytest.mark.parametrize(
        ("answers", "total"),
        [([0] * 10, 0), ([3] * 10, 27), ([1, 2, 0, 3, 0, 1, 1, 0, 1, 2], 9), ([2] * 9 + [None], 18)],
    )
    def test_counts_nine_items_and_never_the_tenth_question(self, answers, total):
        assert add_up(PHQ, answers) == total

    def test_is_not_guessed_where_an_item_was_left_out(self):
        assert add_up(PHQ, [3] * 8 + [None, 3]) is None
        assert add_up(GAD, [None] + [0] * 7) is None

    @pytest.mark.parametrize(
        ("total", "words"),
        [
            (0, "minimal"),
            (4, "minimal"),
            (5, "mild"),
            (9, "mild"),
            (10, "moderate"),
            (14, "moderate"),
            (15, "moderately severe"),
            (19, "moderately severe"),
            (20, "severe"),
            (27, "severe"),
        ],
    )
    def test_of_phq_9_has_the_words_of_kroenke_2001(self, total, words):
        assert band_of(PHQ, total) == words

    @pytest.mark.parametrize(
        ("total", "words"),
        [(0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (15, "severe"), (21, "severe")],
    )
    def test_of_gad_7_has_the_words_of_spitzer_2006(self, total, words):
        assert band_of(GAD, total) == words


class TestAlarm:
    @pytest.mark.parametrize("value", [1, 2, 3])
    def test_is_any_answer_above_zero_to_item_nine_alone(self, value):
        assert is_alarm(PHQ, [None] * 8 + [value, None])

    @pytest.mark.parametrize("answers", [[3] * 8 + [0, 3], [3] * 8 + [None, 3], [None] * 10])
    def test_is_nothing_else(self, answers):
        assert not is_alarm(PHQ, answers)
        assert not is_alarm(GAD, [3] * 8)


class TestChange:
    @pytest.mark.parametrize(
        ("instrument", "later", "words"),
        [
            (PHQ, 14, "about the same"),
            (PHQ, 6, "about the same"),
            (PHQ, 5, "5 points lower"),
            (PHQ, 15, "5 points higher"),
            (GAD, 6, "4 points lower"),
            (GAD, 13, "about the same"),
        ],
    )
    def test_is_said_from_the_sources_number_of_points_on(self, instrument, later, words):
        assert compare(instrument, 10, later).words == words


class TestChart:
    def test_places_sums_by_day_and_height(self):
        chart = draw([(DAY, 0), (DAY + timedelta(days=1), 27), (DAY + timedelta(days=4), 9)], lines=[0, 5], highest=27)
        assert [point.x for point in chart.points] == [chart.left, 104, chart.right]
        assert (chart.first.y, chart.points[1].y) == (chart.bottom, min(line.y for line in chart.lines))
        assert [line.total for line in chart.lines] == [0, 5, 27]
        assert chart.path.startswith(f"{chart.left},{chart.bottom} ")

    def test_puts_the_only_one_in_the_middle(self):
        chart = draw([(DAY, 3)], lines=[0], highest=21)
        assert chart.first == chart.last
        assert chart.first.x == round((chart.left + chart.right) / 2)
