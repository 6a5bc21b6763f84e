"""What a text field really gets when somebody pastes, and what becomes of it."""

import pytest

from access.cleaning import clean_text

pytestmark = pytest.mark.once


class TestCleanText:
    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
    def test_ends_every_line_alike(self, end):
        assert clean_text(f"one{end}two{end}{end}three") == "one\ntwo\n\nthree"

    @pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u202f", "\u2003", "\u2009", "\u205f"])
    def test_puts_plain_spaces(self, space):
        assert clean_text(f"10{space}mg,{space}daily") == "10 mg, daily"

    @pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u2060", "\ufeff", "\x1f", "\x07", "\x7f", "\x9d"])
    def test_takes_out_what_nobody_sees(self, unseen):
        assert clean_text(f"{unseen}avoid{unseen}ance{unseen}") == "avoidance"

    @pytest.mark.parametrize("hyphen", ["\x1e", "\u2011"])
    def test_puts_plain_hyphens(self, hyphen):
        assert clean_text(f"follow{hyphen}up") == "follow-up"

    @pytest.mark.parametrize("bullet", ["\uf0b7\t", "\uf0a7 ", "\uf0d8", "•\t", "·\t  ", "o\t", "§\t", "▪\t"])
    def test_marks_lists_as_one_types_them(self, bullet):
        pasted = f"Agreed:\r\n{bullet}sleep diary\r\n   {bullet}walk"
        assert clean_text(pasted) == "Agreed:\n- sleep diary\n   - walk"

    def test_composes_what_lay_apart(self):
        assert clean_text("e\u200b\u0301te\u0301") == "\u00e9t\u00e9"

    @pytest.mark.parametrize(
        "meant",
        [
            "  indented\tand spaced  \n\n",
            "- a list\n* another\n1. a third",
            "o one, • and · and § in a line",
            "# Heading, **bold**, _slanted_, `code`, <b>tag</b> & &amp;",
            "\u05e9\u05dc\u05d5\u05dd, \u202babc\u202c and \u2067abc\u2069, \u200fmarked\u200e",
            "\u0645\u06cc\u200c\u0631\u0648\u0645",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f9d1\U0001f3fd",
            "\u3000\u6f22\u5b57",
            "“quoted” – and — dashed… 5′ 10″ ½ €",
            "where a NUL\0 stands, the form says",
            "a private \ue000 or \uf0e0 sign in a line",
        ],
    )
    def test_keeps_what_somebody_meant(self, meant):
        assert clean_text(meant) == meant
