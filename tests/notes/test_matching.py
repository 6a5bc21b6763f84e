"""What is searched for, and the passages where it stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notes.folding import fold
from notes.matching import read_query

pytestmark = pytest.mark.once
LONG = "Slept badly again. " * 20


def find(typed, *texts):
    return read_query(typed).find([(f"part {number}", text) for number, text in enumerate(texts)])


def marked(typed, *texts):
    """The passages, with what was found in brackets."""
    return [
        "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in passage.pieces)
        for passage in find(typed, *texts)
    ]


class TestReadQuery:
    @pytest.mark.parametrize(
        ("typed", "terms"),
        [
            ("slept well", [(("slept",), False), (("well",), False)]),
            ('"slept well" twice', [(("slept", "well"), True), (("twice",), False)]),
            ("“Slept  well”", [(("slept", "well"), True)]),
            ('"left open', [(("left", "open"), True)]),
            ("again, again. (AGAIN)", [(("again",), False)]),
            ("don’t", [(("don't",), False)]),
            ('"" ,', [((",",), False)]),
            ("", []),
            ("\u200b \u00ad", []),
        ],
    )
    def test_reads_words_and_phrases(self, typed, terms):
        assert [(term.words, term.is_phrase) for term in read_query(typed).terms] == terms

    def test_counts_the_words_of_phrases_too(self):
        assert read_query('"a b" c').count == 3


class TestFind:
    @pytest.mark.parametrize(
        ("typed", "text", "shown"),
        [
            ("anx", "Anxious, not panxious.", "[Anx]ious, not panxious."),
            ('"anx"', "An anx, anxious.", "An [anx], anxious."),
            ("zaunkonig", "Der Zaunkönig.", "Der [Zaunkönig]."),
            ("Zaunkönig", "der zaunkonig", "der [zaunkonig]"),
            ('"slept badly"', "slept; badly, SLEPT\n badly", "[slept; badly], [SLEPT\n badly]"),
            ("gros", "groß", "[groß]"),
            ("eux", "œuf eux", "œuf [eux]"),
            ("cafe", "cafe\u0301s", "[cafe\u0301]s"),
            ("眠れ", "昨夜は眠れなかった", "昨夜は[眠れ]なかった"),
            ("נרדם", "היא נִרְדְּמָה", None),
            ("נרד", "היא נִרְדְּמָה", "היא [נִרְדְּ]מָה"),
            ("نامت", "قالت إنها نَامَت جيدا", "قالت إنها [نَامَت] جيدا"),
            ("❤", "all ❤️ now", "all [❤️] now"),
            ("👩", "the 👨‍👩‍👧 came", "the [👨‍👩‍👧] came"),
            ("**", "a ** b", "a [**] b"),
            ("_", "a_b", None),
            ("<b>", "x <b>y</b>", "x [<b>]y</b>"),
        ],
    )
    def test_finds_what_was_typed(self, typed, text, shown):
        assert marked(typed, text) == ([shown] if shown else [])

    def test_wants_every_word_in_whatever_part(self):
        assert marked("ladder slept", "Slept.", "The ladder.") == ["[Slept].", "The [ladder]."]
        assert not find("ladder slept unicorn", "Slept.", "The ladder.")

    def test_shows_the_words_around_and_where_the_text_goes_on(self):
        [passage] = find("ladder", f"{LONG}The ladder. {LONG}")
        shown = "".join(piece.text for piece in passage.pieces)
        assert "The ladder." in shown
        assert 100 < len(shown) < 200
        assert (passage.goes_before, passage.goes_after) == (True, True)
        assert shown.split()[0] in {"Slept", "badly", "again."}
        assert shown.split()[-1] in {"Slept", "badly", "again."}

    def test_shows_one_place_of_each_word_and_joins_what_is_near(self):
        text = f"ladder and slept {LONG * 2} walk {LONG * 2} ladder"
        assert [passage.count("[") for passage in marked("ladder walk", text)] == [1, 1]

    def test_cuts_no_sign_where_a_text_has_no_spaces(self):
        text = "👨‍👩‍👧" * 40 + "眠" + "👨‍👩‍👧" * 40
        [passage] = find("眠", text)
        shown = "".join(piece.text for piece in passage.pieces)
        assert set(shown.split("眠")) - {"👨‍👩‍👧" * n for n in range(40)} == set()

    @given(st.text(), st.text(min_size=1))
    def test_marks_only_what_stands_in_the_text(self, around, typed):
        text = f"{around} {typed} {around}"
        for passage in read_query(typed).find([("", text)]):
            assert "".join(piece.text for piece in passage.pieces) in text
            assert all(piece.text for piece in passage.pieces)

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
    def test_is_never_missed_by_the_quick_look(self, before, typed):
        text, query = f"{before} {typed}", read_query(typed)
        sealed = json.dumps({"fields": {"text": text}, "salt": "x"}, ensure_ascii=False)
        if query.terms and query.find([("", text)]):
            assert query.may_stand_in(fold(sealed))
