import re

import pytest

from audit.acts import Act, Outcome
from audit.client_words import SHOWN_TO_CLIENT, client_sentence, client_writing
from audit.words import outcome_word, staff_sentence

pytestmark = pytest.mark.once


class TestActs:
    @pytest.mark.parametrize("act", Act)
    def test_are_named_thing_and_done(self, act):
        assert re.fullmatch(r"[a-z]+:[a-z_]+", act)
        assert len(act) <= 40


class TestStaffSentence:
    @pytest.mark.parametrize("act", Act)
    def test_exists_for_every_act_as_a_plain_predicate(self, act):
        assert_predicate(staff_sentence(act))

    def test_tells_process_notes_from_progress_notes(self):
        assert staff_sentence("note:read", "notes.note") == "read a progress note"
        assert staff_sentence("note:read", "notes.process_note") == "read a process note"

    def test_names_an_act_of_another_version_as_unknown(self):
        assert staff_sentence("record:teleported") == "did something this version does not know (record:teleported)"


class TestClientSentence:
    @pytest.mark.parametrize("act", sorted(SHOWN_TO_CLIENT))
    def test_is_a_plain_predicate(self, act):
        assert_predicate(client_sentence(act))

    def test_speaks_to_the_client(self):
        assert client_sentence("note:read", "notes.note") == "read one of your notes"

    def test_tells_calmly_of_a_process_note(self):
        words = "a note for themselves, which is not part of your record"
        assert client_sentence("draft:begun", "notes.process_note") == f"began to write {words}"
        assert client_writing("notes.process_note") == f"wrote {words}"
        assert client_writing("notes.note") == "wrote one of your notes"

    def test_does_not_exist_for_what_clients_are_not_shown(self):
        with pytest.raises(KeyError):
            client_sentence(Act.LOG_VIEWED)


class TestOutcomeWord:
    def test_is_silent_about_success(self):
        assert outcome_word("ok") == ""

    @pytest.mark.parametrize("outcome", set(Outcome) - {Outcome.OK})
    def test_names_everything_else(self, outcome):
        assert outcome_word(outcome)


def assert_predicate(sentence: str) -> None:
    assert re.fullmatch(r"[a-z][A-Za-z ,'-]+[a-z]", sentence)
