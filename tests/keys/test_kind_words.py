"""What may be drawn for somebody who opens their invitation alone, on a bad day."""

import math
import re
from pathlib import Path

import pytest

from keys.words import PASSPHRASE_WORDS, _words, kind_words, propose_passphrase

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "keys/unkind.txt").read_text().splitlines()
CRUEL = ["unlovable", "perish", "worst", "careless", "opium", "ominous", "junkie", "widow", "wrist", "relapse", "zero"]
UNKIND = [line for line in LINES if not line.startswith("#")]


class TestTheListOfUnkindWords:
    def test_is_in_order_and_names_each_word_once(self):
        assert sorted(set(UNKIND)) == UNKIND

    def test_names_only_words_that_could_be_drawn(self):
        # A misspelt word would take nothing away.
        assert set(UNKIND) <= set(_words())

    @pytest.mark.parametrize("word", CRUEL)
    def test_takes_away_what_hurts(self, word):
        assert word in _words()
        assert word not in kind_words()

    def test_takes_away_whole_families(self):
        family = re.compile(r"wrong|suffer|worr|drown|griev|poison|worth|unlov|hurt|fail|dead")
        assert list(filter(family.search, _words()))
        assert not list(filter(family.search, kind_words()))


class TestADrawnPassphrase:
    def test_has_only_kind_words(self):
        drawn = " ".join(propose_passphrase() for _ in range(2_000)).split()
        assert not set(drawn) & set(UNKIND)
        # 12,000 draws leave out about one word in thirteen: not all of them come from one corner of the list.
        assert len(set(drawn)) > 0.85 * len(kind_words())

    def test_is_as_hard_to_guess_as_the_docs_say(self):
        bits = PASSPHRASE_WORDS * math.log2(len(kind_words()))
        said = (ROOT / "docs/keys.md").read_text()
        assert f"drawn independently and evenly from {len(kind_words()):,} words" in said
        assert f"Six of them have {math.floor(bits)} bits" in said
        assert bits > 73
