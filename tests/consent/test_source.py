import pytest

from consent.document import TextRefused
from consent.kinds import DocumentKind, SectionKind
from consent.limits import Limit
from consent.source import parse
from tests.consent import shipped

pytestmark = pytest.mark.once

TEXT = """\
---
kind: confidentiality_consent
version: 1.0.0
lang: en-US
variables: emergency_number
for-you: For you:
meaning: I have read this.
still-to-discuss: Still to discuss:
---
# What stays private

## If someone may be badly hurt
{#serious_harm kind=ack ground=yes}
We act, **and** we say so.
In an emergency call {{emergency_number}}.

> for-you: You can talk here.
? What do we do?
+ We act
- Nothing
- We run
= We act when someone may be badly hurt.
"""
SECTION = TEXT[TEXT.index("## If") :]


class TestParse:
    def test_reads_every_part_of_a_limit(self):
        (section,) = parse(TEXT).sections
        assert (section.code, section.kind, section.ground) == (Limit.SERIOUS_HARM, SectionKind.ACK, True)
        assert section.title == "If someone may be badly hurt"
        assert section.body == "We act, **and** we say so.\nIn an emergency call {{emergency_number}}."
        assert section.for_you == "You can talk here."
        assert section.question.text == "What do we do?"
        assert section.question.right == "We act"
        assert section.question.wrong == ("Nothing", "We run")
        assert section.question.explanation == "We act when someone may be badly hurt."

    def test_reads_windows_line_ends_and_decomposed_letters_as_the_same_text(self):
        composed = TEXT.replace("badly", "b\N{LATIN SMALL LETTER A WITH DIAERESIS}dly")
        decomposed = TEXT.replace("badly", "ba\N{COMBINING DIAERESIS}dly").replace("\n", "\r\n")
        assert parse(decomposed) == parse(composed)

    def test_leaves_lists_in_the_text_alone(self):
        (section,) = parse(TEXT.replace("We act, **and**", "- we act\n- we call\n\nWe act, **and**")).sections
        assert section.body.startswith("- we act\n- we call")

    @pytest.mark.parametrize(
        ("old", "new", "line", "words"),
        [
            ("---\nkind", "kind", 1, "starts with a header"),
            ("---\n# What", "# What", 1, "has no end"),
            ("lang: en-US", "tongue: en-US", 4, "“tongue” is no line of the header"),
            ("lang: en-US", "kind: screen_forms", 4, "“kind” is no line of the header, or is there twice"),
            ("version: 1.0.0\n", "", 1, "lacks “version: …”"),
            ("1.0.0", "1.0", 3, "a version, such as 1.0.0, is needed, not “1.0”"),
            ("en-US", "english", 4, "a language, such as en-US, is needed"),
            ("kind: confidentiality_consent", "kind: contract", 2, "“contract” is no kind"),
            ("variables: emergency_number", "variables: therapist_name", 5, "“therapist_name” is not one of the known"),
            ("variables: emergency_number", "variables:", 15, "“emergency_number” is not among the variables"),
            ("call {{emergency_number}}", "call us", 5, "never uses the variable “emergency_number”"),
            ("{{emergency_number}}", "{{emergency_number}", 15, "a variable is written {{name}}"),
            ("# What stays private\n", "", 10, "starts with its title"),
            ("# What stays private", "# What *stays* private", 10, "a title is plain words"),
            ("## If someone may be badly hurt", "## ", 12, "a title is plain words"),
            ("{#serious_harm kind=ack ground=yes}\n", "", 12, "under a heading stands"),
            (" ground=yes", "", 13, "says neither ground=yes nor ground=no"),
            ("ground=yes", "ground=maybe", 13, "says neither ground=yes nor ground=no"),
            ("kind=ack ground", "kind=ack when=now ground", 13, "nothing else"),
            ("kind=ack", "kind=maybe", 13, "“maybe” is no kind of a limit; known are ack, agree"),
            ("#serious_harm", "#gossip", 13, "“gossip” is no code of a limit; known are privacy"),
            ("We act, **and** we say so.", "<b>We act.</b>", 14, "raw HTML is not allowed"),
            ("In an emergency", "So <!-- not --> in an emergency", 15, "raw HTML is not allowed"),
            ("We act, **and** we say so.", "### Sub\n", 14, "a heading is not allowed"),
            ("**and**", "[and](https://example.org)", 14, "a link is not allowed"),
            ("We act, **and** we say so.", "[hidden]: words\n", 14, "a link is not allowed"),
            ("so.\nIn", "so.\u202e\nIn", 14, "a character that nobody sees (U+202E)"),
            ("We act, **and** we say so.\nIn an emergency call {{emergency_number}}.\n", "", 12, "has no text"),
            ("> for-you: You can talk here.\n", "", 12, "needs exactly one of: a line that says what it means"),
            ("? What do we do?\n", "", 12, "needs exactly one of: a question"),
            ("? What do we do?", "? ", 12, "needs exactly one of: a question"),
            ("+ We act\n", "", 12, "needs exactly one of: a right answer"),
            ("- Nothing\n", "+ Nothing\n", 12, "needs exactly one of: a right answer"),
            ("- Nothing\n- We run\n", "", 12, "needs a wrong answer"),
            ("- Nothing", "- We act", 12, "each different"),
            ("= We act when someone may be badly hurt.\n", "", 12, "needs exactly one of: a sentence that answers"),
            ("? What do we do?", "What do we do?", 18, "come only lines that start with"),
            (SECTION, SECTION + SECTION, 23, "the code “serious_harm” is there twice"),
            ("for-you: For you:\n", "", 1, "has “for-you: …” and “still-to-discuss: …”"),
        ],
    )
    def test_says_in_plain_words_what_is_wrong_and_where(self, old, new, line, words):
        assert old in TEXT
        with pytest.raises(TextRefused) as refused:
            parse(TEXT.replace(old, new, 1))
        assert str(refused.value).startswith(f"Line {line}: ")
        assert words in str(refused.value)

    def test_wants_a_limit_in_the_confidentiality_text(self):
        with pytest.raises(TextRefused, match="it has at least one"):
            parse(TEXT.replace(SECTION, "").replace("variables: emergency_number\n", ""))

    def test_wants_no_limit_in_any_other_text(self):
        with pytest.raises(TextRefused, match="and only there"):
            parse(TEXT.replace("kind: confidentiality_consent", "kind: screen_forms"))

    @pytest.mark.parametrize("source", ["", "\n", "---", "---\n---", "\ufeff---\n"])
    def test_refuses_a_stub_of_a_file(self, source):
        with pytest.raises(TextRefused):
            parse(source)


class TestShippedTexts:
    def test_ship_every_limit_once(self):
        assert [section.code for section in shipped.document("confidentiality").sections] == list(Limit)

    def test_offer_three_limits_as_grounds_for_a_disclosure(self):
        grounds = {section.code for section in shipped.document("confidentiality").sections if section.ground}
        assert grounds == {Limit.SERIOUS_HARM, Limit.ABUSE, Limit.COURT_AND_LAW}

    def test_ask_for_agreement_only_where_the_law_leaves_a_choice(self):
        agreed = {s.code for s in shipped.document("confidentiality").sections if s.kind is SectionKind.AGREE}
        assert agreed == {Limit.MESSAGES, Limit.OTHERS_IN_THERAPY, Limit.OUTSIDE}

    @pytest.mark.parametrize("kind", ["confidentiality", "screen_forms"])
    def test_say_that_counsel_has_to_review_them(self, kind):
        assert "United States" in shipped.document(kind).note
        assert "counsel" in shipped.document(kind).note

    def test_include_the_yes_to_forms_on_screen(self):
        document = shipped.document("screen_forms")
        assert (document.kind, document.sections) == (DocumentKind.SCREEN_FORMS, ())
