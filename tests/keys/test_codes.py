import hashlib
from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.codes import draw_code, read_code
from keys.errors import WrongPassphrase
from keys.words import PASSPHRASE_WORDS, propose_passphrase

pytestmark = pytest.mark.once

CODE = "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQT-ISA4"


class TestAPrintedCode:
    def test_is_160_bits_and_a_checksum_in_groups_of_four(self):
        code = draw_code()
        assert [len(group) for group in code.split("-")] == [4] * 9
        assert len(read_code(code)) == 20
        assert draw_code() != code

    def test_is_pinned(self):
        body = bytes(range(20))
        assert read_code(CODE) == body
        text = b32encode(body).decode()
        assert CODE.replace("-", "") == text + b32encode(hashlib.sha256(text.encode()).digest()).decode()[:4]

    def test_may_be_typed_without_care(self):
        typed = CODE.lower().replace("-", "  ").replace("o", "0").replace("i", "1").replace("b", "8")
        assert read_code(typed) == read_code(CODE)

    @given(st.integers(0, 35), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    def test_with_one_wrong_character_is_noticed(self, at, letter):
        plain = CODE.replace("-", "")
        if plain[at] != letter:
            with pytest.raises(WrongPassphrase):
                read_code(plain[:at] + letter + plain[at + 1 :])

    @pytest.mark.parametrize("body", ["", "A" * 8, "é" * 32, "=" * 32, "A" * 40])
    def test_with_a_good_checksum_over_something_else_is_refused(self, body):
        check = b32encode(hashlib.sha256(body.encode()).digest()).decode()[:4]
        with pytest.raises(WrongPassphrase):
            read_code(body + check)


class TestAProposedPassphrase:
    def test_is_six_words_that_are_new_each_time(self):
        one, other = propose_passphrase(), propose_passphrase()
        assert len(one.split()) == PASSPHRASE_WORDS
        assert one != other
