import itertools
import re

import pytest

from consent.document import PLACEHOLDER
from consent.publication import render
from consent.readability import count_syllables, grade
from tests.consent import shipped

pytestmark = pytest.mark.once

LIMIT = 7.0
TOPICS = shipped.CATALOGUE.topics
EVERY_COMBINATION = [
    dict(zip(TOPICS, options, strict=True))
    for options in itertools.product(*(topic.options for topic in TOPICS.values()))
]


class TestGrade:
    def test_reads_a_childs_sentence_as_easy(self):
        assert grade("The cat sat on the mat. It was warm.").flesch_kincaid < 2

    def test_reads_a_lawyers_sentence_as_hard(self):
        measured = grade(
            "Notwithstanding the aforementioned provisions, confidentiality obligations remain enforceable "
            "following termination of the therapeutic relationship."
        )
        assert measured.smog > 12
        assert measured.flesch_kincaid > 18

    def test_follows_the_published_formulas(self):
        # Ten words in two sentences, 13 syllables, one word of three ("hospital").
        measured = grade("We call a hospital then. You can talk here too.")
        assert measured.smog == pytest.approx(1.0430 * (1 * 30 / 2) ** 0.5 + 3.1291)
        assert measured.flesch_kincaid == pytest.approx(0.39 * 10 / 2 + 11.8 * 12 / 10 - 15.59)

    def test_counts_a_title_as_a_sentence(self):
        assert grade("A title\n\nA sentence.") == grade("A title. A sentence.")

    def test_refuses_to_measure_nothing(self):
        with pytest.raises(ValueError, match="no words"):
            grade("… 911 —")

    @pytest.mark.parametrize(
        ("word", "syllables"),
        [("notes", 1), ("passes", 2), ("needed", 2), ("agreed", 2), ("table", 2), ("privacy", 3), ("the", 1)],
    )
    def test_counts_the_syllables_that_are_heard(self, word, syllables):
        assert count_syllables(word) == syllables


class TestShippedTexts:
    def test_need_no_more_than_seven_years_of_school_whatever_a_practice_chooses(self):
        # The name of the state with the most long words makes each combination as hard as it can be.
        hardest = max(shipped.CATALOGUE.jurisdictions, key=lambda code: self.hardness(jurisdiction=code))
        assert len(EVERY_COMBINATION) > 400
        for use in EVERY_COMBINATION:
            self.assert_readable(self.plain(jurisdiction=hardest, **use))

    def test_are_measured_as_they_are_published(self):
        published = re.sub(r"(?m)^#+ |\*\*", "", shipped.confidentiality().text)
        assert grade(published) == grade(self.plain())

    def test_ask_questions_and_answer_them_as_plainly(self):
        questions = shipped.confidentiality().questions.values()
        self.assert_readable("\n\n".join(f"{q.text}\n\n{q.right}" for q in questions))
        self.assert_readable("\n\n".join(q.explanation for q in questions))

    def test_answer_each_wrong_answer_with_one_plain_sentence(self):
        for question in shipped.confidentiality().questions.values():
            assert re.fullmatch(r"[^.?!]+\.", question.explanation)
            assert grade(question.explanation).flesch_kincaid <= 9

    def test_ask_for_screen_forms_as_plainly(self):
        self.assert_readable(render(shipped.document("screen_forms"), {}).text)

    def plain(self, **use: str) -> str:
        """Fill the text in as publishing does, without the HTML that costs most of the time."""
        values, document = shipped.CATALOGUE.choose(**use).values, shipped.document("confidentiality")
        blocks = [f"{s.title}\n\n{s.body}\n\n{document.for_you_label} {s.for_you}" for s in document.sections]
        return PLACEHOLDER.sub(lambda found: values[found[1]], "\n\n".join([document.title, *blocks]))

    def hardness(self, **use: str) -> tuple[float, float]:
        measured = grade(self.plain(**use))
        return measured.smog, measured.flesch_kincaid

    def assert_readable(self, text: str) -> None:
        measured = grade(text)
        assert measured.smog <= LIMIT
        assert measured.flesch_kincaid <= LIMIT
