import hashlib
import unicodedata

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from audit.canonical import MAX_BYTES, MAX_INTEGER, NotCanonical, decode, encode, leaf_hash

pytestmark = pytest.mark.once

integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
texts = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
names = st.from_regex(r"[a-z0-9_]+", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)


class TestEncode:
    @given(values)
    @example({"text": '\x00\x08\t\n\f\r\x1f\x7f\u2028"\\/é€😀'})
    @example({"b": [MAX_INTEGER, -MAX_INTEGER, 0], "a": {"z_9": None, "1": True, "__": False}})
    def test_writes_what_an_independent_implementation_writes(self, value):
        assert encode(value) == rfc8785.dumps(value)

    @given(values)
    def test_never_writes_a_line_break(self, value):
        assert b"\n" not in encode(value)

    def test_does_not_depend_on_the_order_of_keys(self):
        assert encode({"b": 1, "a": 2}) == encode({"a": 2, "b": 1}) == b'{"a":2,"b":1}'

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(1.0, id="a float"),
            pytest.param(float("nan"), id="not a number"),
            pytest.param(MAX_INTEGER + 1, id="an integer that doubles cannot hold"),
            pytest.param(-MAX_INTEGER - 1, id="a negative one"),
            pytest.param("e\u0301", id="text that is not NFC"),
            pytest.param("\ud800", id="a lone surrogate"),
            pytest.param({"Key": 1}, id="a capital in a key"),
            pytest.param({"ké": 1}, id="a key beyond ASCII"),
            pytest.param({"": 1}, id="an empty key"),
            pytest.param({"a\n": 1}, id="a line break in a key"),
            pytest.param({1: 1}, id="a number as key"),
            pytest.param((1,), id="a tuple"),
            pytest.param(b"x", id="bytes"),
            pytest.param({"deep": [{"deeper": 0.5}]}, id="a float far inside"),
            pytest.param("x" * (MAX_BYTES - 1), id="more than 16 KiB"),
        ],
    )
    def test_refuses(self, value):
        with pytest.raises(NotCanonical):
            encode(value)

    def test_holds_exactly_16_kib(self):
        assert len(encode("x" * (MAX_BYTES - 2))) == MAX_BYTES


class TestDecode:
    @given(values)
    def test_gives_back_what_was_encoded(self, value):
        assert decode(encode(value)) == value

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b'{"a": 1}', id="a space"),
            pytest.param(b'{"b":1,"a":2}', id="unsorted keys"),
            pytest.param(b'{"a":1,"a":2}', id="a key twice"),
            pytest.param(b'{"a":1.0}', id="a float"),
            pytest.param(b'{"a":1e2}', id="an exponent"),
            pytest.param(b'{"a":-0}', id="minus zero"),
            pytest.param(b'"\\u0041"', id="a needless escape"),
            pytest.param(b'{"a":1}\n', id="a line break behind"),
            pytest.param(b'\xef\xbb\xbf{"a":1}', id="a byte order mark"),
            pytest.param(b'{"a":', id="half an object"),
            pytest.param(b"\xff", id="no UTF-8"),
            pytest.param(b"", id="nothing"),
            pytest.param(b"[" * 100_000, id="a tower of brackets"),
            pytest.param(b'{"a":' + b"9" * 5_000 + b"}", id="a number of five thousand digits"),
        ],
    )
    def test_refuses_bytes_that_encode_would_not_write(self, body):
        with pytest.raises(NotCanonical):
            decode(body)


class TestLeafHash:
    def test_of_nothing_is_the_published_vector(self):
        # transparency-dev/merkle and RFC 9162 2.1.1: the leaf of an empty entry.
        assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    def test_puts_a_zero_byte_in_front(self):
        assert leaf_hash(b'{"v":1}') == hashlib.sha256(b'\x00{"v":1}').digest()
        assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
