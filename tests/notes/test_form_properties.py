"""What holds for every text that anybody may type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.cleaning import clean_text
from notes.forms.texts import MAX_CHARACTERS, DraftForm
from notes.kinds import NoteKind
from notes.published import current_format

pytestmark = pytest.mark.once

SESSION = current_format(NoteKind.SESSION)
texts = st.text(max_size=200)
notes = st.fixed_dictionaries(
    {
        "brought": texts,
        "together": texts,
        "plan": texts,
        "safety": st.sampled_from(["", "none", "follow_up"]),
        "follow_up": texts,
    }
)


def typed(fields):
    return DraftForm(SESSION, {"revision": "0", **fields})


class TestCleanText:
    @given(texts)
    def test_is_reached_in_one_step(self, text):
        assert clean_text(clean_text(text)) == clean_text(text)

    @given(texts)
    def test_holds_no_carriage_return_and_is_composed(self, text):
        assert "\r" not in clean_text(text)
        assert unicodedata.is_normalized("NFC", clean_text(text))

    @given(texts)
    def test_keeps_every_line(self, text):
        ends = "\n\r\x0b\x0c\x85\u2028\u2029"
        assert clean_text(text).count("\n") == sum(text.count(end) for end in ends) - text.count("\r\n")

    @given(texts)
    def test_keeps_every_letter_sign_and_emoji(self, text):
        meant = [one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one)[0] in "LMN"]
        kept = unicodedata.normalize("NFC", clean_text(text))
        assert [one for one in kept if unicodedata.category(one)[0] in "LMN"] == meant


class TestADraft:
    @given(notes)
    def test_takes_all_but_what_cannot_be_stored(self, fields):
        form = typed(fields)
        unseen = {name for name, text in fields.items() if "\0" in text}
        assert set(form.errors) == unseen
        if not unseen:
            assert form.texts() == {name: clean_text(text) for name, text in fields.items()}

    @given(notes)
    def test_is_given_back_as_it_was_typed(self, fields):
        form = typed(fields)
        form.is_valid()
        form.stand_upon(7)
        assert {name: form[name].value() or "" for name in fields} == fields
        assert form["revision"].value() == "7"

    @given(st.lists(st.integers(min_value=0, max_value=MAX_CHARACTERS), min_size=4, max_size=4))
    def test_is_as_long_as_all_its_parts(self, lengths):
        parts = dict(zip(["brought", "together", "plan", "follow_up"], lengths, strict=True))
        form = typed({name: "ä" * length for name, length in parts.items()})
        assert form.is_valid() is (sum(lengths) <= MAX_CHARACTERS)


class TestWhatKeepsANoteFromItsSignature:
    @given(notes)
    def test_is_said_at_sections_that_the_review_shows(self, fields):
        shown = {answer.section.name: answer.problem for answer in SESSION.answers(fields)}
        problems = SESSION.problems(fields)
        assert problems.keys() <= shown.keys()
        assert {name: words for name, words in shown.items() if words} == problems

    @given(notes)
    def test_is_never_a_section_that_holds_an_answer_somebody_asked_for(self, fields):
        filled = {**fields, "brought": "b", "together": "t", "safety": "follow_up", "follow_up": "f"}
        assert SESSION.problems(filled) == {}

    @given(notes)
    def test_is_a_text_that_was_not_asked_for_exactly_where_no_concern_was_chosen(self, fields):
        contradicts = fields["safety"] == "none" and bool(fields["follow_up"].strip())
        assert bool(SESSION.contradictions(fields)) is contradicts

    @given(notes)
    def test_is_the_same_at_the_field_and_at_the_signature(self, fields):
        form = typed(fields)
        if form.is_valid():
            said = {} if form.holds_together() else {name: str(words[0]) for name, words in form.errors.items()}
            assert said == SESSION.contradictions(form_texts(fields))

    @given(notes)
    def test_leaves_no_text_out_of_the_review(self, fields):
        shown = {answer.section.name for answer in SESSION.answers(fields)}
        assert {name for name, text in fields.items() if text.strip()} <= shown


def form_texts(fields):
    return {name: clean_text(text) for name, text in fields.items()}
