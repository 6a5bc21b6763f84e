"""What a carried section looks like in the text, and where it goes."""

from datetime import UTC, datetime

import pytest

from notes.forward import add_carried, mark_carried, section_for
from notes.kinds import NoteKind
from notes.models import Note
from notes.published import SESSION, SOAP

pytestmark = pytest.mark.once
NOTE = Note(kind=NoteKind.SESSION, session_at=datetime(2026, 11, 12, 9, 0, tzinfo=UTC))
CARRIED = mark_carried("Walk after dinner.\n", NOTE)


class TestACarriedSection:
    def test_says_from_which_note_it_is_and_where_it_ends(self):
        assert CARRIED == (
            "[Carried forward from: Session, 12 November 2026]\nWalk after dinner.\n[Carried forward up to here]"
        )

    def test_fills_what_is_empty(self):
        assert add_carried(" \n", CARRIED) == CARRIED

    def test_stands_below_what_is_there(self):
        assert add_carried("Go on.\n", CARRIED) == f"Go on.\n\n{CARRIED}"

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_is_not_put_there_twice(self, end):
        there = f"Go on.\n\n{CARRIED}\nAnd on.".replace("\n", end)
        assert add_carried(there, CARRIED) == there

    @pytest.mark.parametrize(
        ("name", "into"),
        [("plan", "plan"), ("assessment", "assessment"), ("brought", "subjective"), ("", "subjective")],
    )
    def test_goes_into_the_section_of_its_name_or_the_first(self, name, into):
        assert section_for(name, SOAP.sections) == into

    def test_never_answers_a_question(self):
        assert section_for("safety", SESSION.sections) == "brought"
