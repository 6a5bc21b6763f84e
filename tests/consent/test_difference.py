"""What a manager is shown as changed between two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.difference import Mark, Part, Piece, compare
from tests.consent import shipped

pytestmark = pytest.mark.once

OLD = "# Title\n\n## 1. Courts\n\nWe obey. We tell you. We share little.\n\n**For you:** Ask first.\n"


def pieces(part: Part, mark: Mark) -> list[str]:
    return [piece.text for paragraph in part.paragraphs for piece in paragraph if piece.mark is mark]


class TestCompare:
    def test_finds_nothing_in_the_same_text(self):
        parts = compare(OLD, OLD)
        assert [part.heading for part in parts] == ["Title", "1. Courts"]
        assert not any(part.is_changed for part in parts)
        assert pieces(parts[1], Mark.SAME) == ["We obey. We tell you. We share little.", "For you: Ask first."]

    def test_shows_a_changed_sentence_as_one_that_goes_and_one_that_comes(self):
        part = compare(OLD, OLD.replace("We tell you.", "We may tell you."))[1]
        assert part.is_changed
        assert part.paragraphs[0] == (
            Piece(Mark.SAME, "We obey."),
            Piece(Mark.GONE, "We tell you."),
            Piece(Mark.NEW, "We may tell you."),
            Piece(Mark.SAME, "We share little."),
        )

    def test_shows_a_paragraph_and_a_part_that_came_or_went(self):
        longer = OLD.replace("**For you:**", "A new paragraph.\n\n**For you:**") + "\n## 2. Payment\n\nThe least.\n"
        courts, payment = compare(OLD, longer)[1:]
        assert "A new paragraph." in pieces(courts, Mark.NEW)
        assert pieces(payment, Mark.NEW) == ["The least."]
        assert pieces(compare(longer, OLD)[2], Mark.GONE) == ["The least."]

    def test_takes_new_line_ends_inside_a_paragraph_for_the_same_words(self):
        assert not any(part.is_changed for part in compare(OLD, OLD.replace("We tell", "We\ntell")))

    def test_marks_in_the_shipped_text_just_the_chosen_sentences(self):
        older, newer = (
            shipped.confidentiality(),
            shipped.confidentiality(supervision="trainee", duty_to_protect="silent"),
        )
        changed = [part for part in compare(older.text, newer.text) if part.is_changed]
        assert [part.heading[0] for part in changed] == ["2", "6"]
        sentences = shipped.CATALOGUE.topics["duty_to_protect"].options
        assert pieces(changed[0], Mark.GONE) == list(sentences["mandatory"].sentences.values())
        assert pieces(changed[0], Mark.NEW) == list(sentences["silent"].sentences.values())

    @given(
        st.lists(st.sampled_from(["One.", "Two?", "Three: four.", "Five."])),
        st.lists(st.sampled_from(["One.", "Six."])),
    )
    def test_loses_no_word_of_either_text(self, older, newer):
        [_, part] = compare(*(f"# T\n\n## 1. A\n\nx. {' '.join(words)}\n" for words in (older, newer)))
        for words, gone in ((older, Mark.NEW), (newer, Mark.GONE)):
            kept = " ".join(p.text for paragraph in part.paragraphs for p in paragraph if p.mark is not gone)
            assert kept.split() == ["x.", *" ".join(words).split()]
