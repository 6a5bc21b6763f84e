"""What a practice can choose: known topics, known options, and back from a published text to what was chosen."""

import pytest

from consent.document import TextRefused
from consent.limits import Limit
from consent.variables import read_catalogue
from tests.consent import shipped

pytestmark = pytest.mark.once

CATALOGUE = shipped.CATALOGUE
OPTIONS = [(name, code) for name, topic in CATALOGUE.topics.items() for code in topic.options]


class TestChoose:
    @pytest.mark.parametrize(("topic", "option"), OPTIONS)
    def test_every_option_fills_the_text_with_its_sentences(self, topic, option):
        published = shipped.confidentiality(**{topic: option})
        shown = f"{published.text}"
        assert len(published.screens) == len(Limit)
        assert all(words in shown for words in CATALOGUE.topics[topic].options[option].sentences.values())

    def test_gives_a_value_for_each_variable_of_the_text_and_no_other(self):
        assert CATALOGUE.choose().values.keys() == shipped.document("confidentiality").variables

    def test_names_the_state_where_the_text_speaks_of_its_law(self):
        choices = CATALOGUE.choose(jurisdiction="US-DC")
        assert choices.jurisdiction == "US-DC"
        assert "In the District of Columbia the law says" in shipped.confidentiality(jurisdiction="US-DC").text

    @pytest.mark.parametrize(
        ("use", "words"),
        [
            ({"supervision": "remote"}, "no sentence for supervision = “remote”"),
            ({"weather": "sunny"}, "no sentence for weather = “sunny”"),
            ({"jurisdiction": "US-ZZ"}, "no jurisdiction “US-ZZ”"),
        ],
    )
    def test_refuses_what_the_file_does_not_offer(self, use, words):
        with pytest.raises(TextRefused, match=words):
            CATALOGUE.choose(**use)


class TestChosen:
    @pytest.mark.parametrize(("topic", "option"), OPTIONS)
    def test_finds_again_what_was_chosen(self, topic, option):
        values = CATALOGUE.choose(**{topic: option}).values
        assert CATALOGUE.chosen(values) == {**CATALOGUE.use, topic: option}

    def test_leaves_out_a_topic_whose_sentence_is_no_longer_offered(self):
        values = {**CATALOGUE.choose().values, "duty_to_protect": "An older sentence."}
        assert "duty_to_protect" not in CATALOGUE.chosen(values)


class TestShippedFile:
    def test_offers_no_two_options_with_the_same_words(self):
        for topic in CATALOGUE.topics.values():
            sentences = [tuple(sorted(option.sentences.items())) for option in topic.options.values()]
            assert len(set(sentences)) == len(sentences)

    def test_holds_every_state_and_territory_once(self):
        states = [name for code, name in CATALOGUE.jurisdictions.items() if code != "US"]
        # Fifty states, the District and five territories.
        assert len(states) == len(set(states)) == 56

    def test_promises_nothing_that_the_pages_do_not_keep(self):
        # Who supervises is told in person: no page names a supervisor yet.
        words = [" ".join(option.sentences.values()) for option in CATALOGUE.topics["supervision"].options.values()]
        assert not any("on your page" in text for text in words)

    def test_names_nobody_who_supervises(self):
        assert all("{{" not in words for words in CATALOGUE.choose().values.values())


def test_refuses_what_is_not_toml():
    with pytest.raises(TextRefused, match="cannot be read"):
        read_catalogue("[facts")
