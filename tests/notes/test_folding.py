"""Texts without case and accents, and the way back to the place in the text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notes.folding import fold, goes_on, places_of

pytestmark = pytest.mark.once
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Zaunkönig", "zaunkonig"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("İstanbul ısı", "istanbul isi"),
            ("Ærø, Łódź", "aero, lodz"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("Ёлка", "елка"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("don’t “go” – now", 'don\'t "go" - now'),
            ("ﬁne…", "fine..."),
            ("co\u00adop\u200b \u202eevil", "coop evil"),
            ("👨‍👩‍👧 ❤️", "👨👩👧 ❤"),
            ("हिन्दी", "हिन्दी"),
        ],
    )
    def test_leaves_what_somebody_would_type(self, text, folded):
        assert fold(text) == folded

    @given(TEXTS, TEXTS)
    def test_takes_each_character_by_itself(self, one, other):
        assert fold(one + other) == fold(one) + fold(other) == "".join(map(fold, one + other))

    @given(TEXTS)
    def test_does_not_mind_how_accents_are_composed(self, text):
        composed = unicodedata.normalize("NFC", text)
        assert fold(unicodedata.normalize("NFD", composed)) == fold(composed)


class TestPlacesOf:
    @given(TEXTS)
    def test_leads_each_folded_character_back(self, text):
        places = places_of(text)
        assert len(places) == len(fold(text))
        assert all(letter in fold(text[place]) for letter, place in zip(fold(text), places, strict=True))


class TestGoesOn:
    @pytest.mark.parametrize("sign", ["e\u0301", "👨‍👩‍👧", "❤️", "👍🏽"])
    def test_keeps_a_sign_together(self, sign):
        text = f"a{sign}b"
        assert [place for place in range(len(text) + 1) if not goes_on(text, place)] == [0, 1, len(text) - 1, len(text)]
