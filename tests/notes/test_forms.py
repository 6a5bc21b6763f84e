"""What is typed: kept as it was, or met with a sentence that says where it went wrong."""

import pytest

from notes.forms.texts import MAX_CHARACTERS, MAX_REVISION, DraftForm
from notes.kinds import NEEDS_NOTHING, NEEDS_SIGNATURE, UNDER_COVER, NoteKind
from notes.models import Draft
from notes.published import BIRP, DAP, FOLLOW_UP, GIRP, SOAP, current_format, find_published, formats_for

pytestmark = pytest.mark.once

# What notes were ever signed in, and the sections that stand in them. Nothing here is ever changed or taken out.
STORED = {
    "session/1": "brought together plan safety follow_up",
    "soap/1": "subjective objective assessment plan safety follow_up",
    "dap/1": "data assessment plan safety follow_up",
    "birp/1": "behavior intervention response plan safety follow_up",
    "girp/1": "goals intervention response plan safety follow_up",
    "intake/1": "concern history health life strengths risk impression goals plan",
    "safety_plan/1": "signs alone distraction help professionals surroundings worth",
    "closing/1": "reason course reached open onward",
    "emergency/1": "happened risk done informed agreed",
    "safety/1": "concern risk agreed informed",
    "refusal/1": "refused reason explained agreed",
    "process/1": "text",
    "plain/1": "text",
    "free/1": "text",
    "free/2": "text safety follow_up",
    "addendum/1": "reason why text",
}


def draft_form(kind=NoteKind.SESSION, **fields):
    return DraftForm(current_format(kind), {"revision": "0", **fields})


class TestDraftForm:
    def test_takes_what_is_unfinished(self):
        form = draft_form()
        assert form.is_valid()
        assert form.texts() == {"brought": "", "together": "", "plan": "", "safety": "", "follow_up": ""}

    def test_brings_text_into_one_form_and_keeps_its_edges(self):
        form = draft_form(brought="  e\u0301\r\nline\rend\n ")
        assert form.is_valid()
        assert form.texts()["brought"] == "  é\nline\nend\n "

    @pytest.mark.parametrize("text", ["שלום", "\u202eabc\u202c", "👩‍👧‍👦", "<b>&amp;</b>", "\u200f"])
    def test_takes_every_script(self, text):
        form = draft_form(plan=text)
        assert form.is_valid()
        assert form.texts()["plan"] == text

    def test_says_where_a_nul_stands_and_keeps_the_rest(self):
        form = draft_form(plan="before\0after\0")
        assert not form.is_valid()
        assert "as character 7, 13." in form.errors["plan"][0]
        assert form["plan"].value() == "before\0after\0"
        assert form.first_error() == form.errors["plan"][0]

    def test_counts_the_whole_note_and_names_the_longest_section(self):
        form = draft_form(brought="b" * 10, together="t" * MAX_CHARACTERS)
        assert not form.is_valid()
        assert "holds up to 200,000 characters, and this one has 200,010" in form.errors["together"][0]
        assert form["together"].value() == "t" * MAX_CHARACTERS

    def test_takes_a_note_of_the_full_length(self):
        assert draft_form(NoteKind.CALL, text="x" * MAX_CHARACTERS).is_valid()

    def test_chooses_nothing_on_safety_beforehand(self):
        form = DraftForm(current_format(NoteKind.SESSION))
        assert "checked" not in str(form["safety"])

    def test_marks_as_optional_only_what_a_signature_can_do_without(self):
        form = DraftForm(current_format(NoteKind.SESSION))
        assert [name for name, field in form.fields.items() if not field.required] == ["format", "plan"]

    @pytest.mark.parametrize("revision", [-1, MAX_REVISION + 1, 10**23])
    def test_takes_no_revision_that_the_database_cannot_count(self, revision):
        assert "revision" in draft_form(revision=revision).errors

    def test_takes_no_other_choice(self):
        assert "safety" in draft_form(safety="perhaps").errors


def problems(fields, kind=NoteKind.SESSION):
    return current_format(kind).problems(fields)


class TestAFormOfAnotherFormat:
    def test_is_given_back_and_not_saved(self):
        form = DraftForm(DAP, {"revision": "0", "data": "Slept well.", "plan": "Go on."}, stored=SOAP.name)
        assert not form.is_valid()
        assert "the format of this draft was changed in another window" in form.first_error()
        assert form["data"].value() == "Slept well."


class TestWhatComesWithTheHouse:
    @pytest.mark.parametrize(
        ("format_", "labels"),
        [
            (SOAP, ["Subjective", "Objective", "Assessment", "Plan"]),
            (DAP, ["Data", "Assessment", "Plan"]),
            (BIRP, ["Behavior", "Intervention", "Response", "Plan"]),
            (GIRP, ["Goals", "Intervention", "Response", "Plan"]),
        ],
    )
    def test_has_the_sections_of_the_field_and_asks_about_safety(self, format_, labels):
        assert [section.label for section in format_.sections] == [*labels, "Safety", "To follow up"]

    @pytest.mark.parametrize("name", sorted(STORED))
    def test_reads_as_it_did_when_it_was_written(self, name):
        assert [section.name for section in find_published(name).sections] == STORED[name].split()

    @pytest.mark.parametrize("kind", sorted(NoteKind))
    def test_fits_a_column_and_has_no_section_twice(self, kind):
        for format_ in formats_for(kind):
            names = [section.name for section in format_.sections]
            assert len(format_.name) <= Draft._meta.get_field("format").max_length
            assert len(names) == len(set(names))
            assert "revision" not in names


class TestTheKinds:
    def test_that_wait_for_a_signature_are_these_and_no_others(self):
        assert {NoteKind.SESSION, NoteKind.PROCESS} == NEEDS_SIGNATURE
        assert set(NoteKind) - NEEDS_SIGNATURE - {NoteKind.EMERGENCY, NoteKind.IMPORTED} == NEEDS_NOTHING

    def test_that_cannot_wait_for_the_therapist_are_written_under_cover(self):
        waits = {NoteKind.SESSION, NoteKind.PROCESS, NoteKind.REFUSAL, NoteKind.CLOSING, NoteKind.IMPORTED}
        assert set(NoteKind) - waits == UNDER_COVER


class TestFormats:
    @pytest.mark.parametrize("kind", sorted(NoteKind))
    def test_each_kind_has_one_that_is_found_again(self, kind):
        assert find_published(current_format(kind).name) is current_format(kind)

    @pytest.mark.parametrize(
        ("kind", "first"),
        [
            (NoteKind.EMERGENCY, "What happened, and when"),
            (NoteKind.SAFETY, "The concern"),
            (NoteKind.REFUSAL, "What the client refused or withdrew, and when"),
            (NoteKind.CALL, "What happened"),
            (NoteKind.CRISIS, "What happened, and when"),
            (NoteKind.SAFETY_PLAN, "Warning signs"),
            (NoteKind.CLOSING, "Why and how it ended"),
        ],
    )
    def test_each_asks_for_what_its_kind_is_about(self, kind, first):
        assert current_format(kind).sections[0].label == first

    def test_of_an_emergency_asks_for_all_that_is_asked_afterwards(self):
        missing = problems({}, NoteKind.EMERGENCY)
        assert list(missing) == ["happened", "risk", "done", "informed", "agreed"]

    def test_an_unknown_one_is_not_guessed(self):
        with pytest.raises(KeyError):
            find_published("session/0")

    def test_a_follow_up_is_asked_for_where_there_is_one(self):
        filled = {"brought": "b", "together": "t", "safety": "none"}
        assert problems(filled) == {}
        assert problems({**filled, "safety": FOLLOW_UP}) == {FOLLOW_UP: "Not answered yet."}
        assert problems({**filled, "safety": FOLLOW_UP, FOLLOW_UP: "Agreed on a plan."}) == {}

    def test_no_concern_and_something_to_follow_up_contradict_each_other(self):
        said = problems({"brought": "b", "together": "t", "safety": "none", FOLLOW_UP: "Agreed on a plan."})
        assert said == {
            FOLLOW_UP: "You chose “No new concern today”, and yet something stands under “To follow up”. "
            "Choose “Something to follow up”, or empty that field."
        }

    @pytest.mark.parametrize("blank", ["", " \n\t", "\u3000\u2003"])
    def test_blanks_contradict_nothing(self, blank):
        assert problems({"brought": "b", "together": "t", "safety": "none", FOLLOW_UP: blank}) == {}

    def test_an_open_question_is_missing_and_contradicts_nothing(self):
        said = problems({"brought": "b", "together": "t", FOLLOW_UP: "Agreed on a plan."})
        assert said == {"safety": "Not answered yet."}

    @pytest.mark.parametrize("blank", [" \n ", "\u00a0"])
    def test_blanks_fill_nothing(self, blank):
        assert list(problems({"text": blank}, NoteKind.CALL)) == ["text"]

    def test_the_review_leaves_out_what_was_not_asked(self):
        answers = current_format(NoteKind.SESSION).answers({"safety": "none"})
        assert [(answer.section.name, answer.text, bool(answer.problem)) for answer in answers] == [
            ("brought", "", True),
            ("together", "", True),
            ("plan", "", False),
            ("safety", "No new concern today", False),
        ]

    def test_the_review_shows_what_stands_where_nothing_was_asked(self):
        answers = current_format(NoteKind.SESSION).answers({"safety": "none", FOLLOW_UP: "Agreed on a plan."})
        assert (answers[-1].section.name, answers[-1].text) == (FOLLOW_UP, "Agreed on a plan.")
        assert answers[-1].problem
