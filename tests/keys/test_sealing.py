import os

import pytest
from cryptography.cobblestone import Cobblestone256Encryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.context import encode
from keys.errors import SealBroken
from keys.registry import BUCKET
from keys.sealing import Header, Sealing, read_header, seal, unseal
from keys.suites import SUITES

pytestmark = pytest.mark.once

KEY = bytes(range(32))
PLACE = b"vault 1, row 1, body"
OVERHEAD = 6 + 24 + 32 + 16  # header, salt, commitment, tag


def seal_padded(padded: bytes) -> bytes:
    """Seal bytes as they are, as whoever holds the key could."""
    header = Header(1, 0).to_bytes()
    encryptor = Cobblestone256Encryptor(KEY, context=encode("blob/v1", header, PLACE))
    return header + encryptor.update(padded) + encryptor.finalize()


class TestASealedText:
    @given(st.binary(max_size=3000), st.binary(max_size=40), st.integers(0, 2**32 - 1))
    def test_opens_in_its_place(self, text, context, generation):
        blob = Sealing(Header(1, generation), KEY, context).seal(text)
        assert unseal(KEY, blob, context=context) == text
        assert read_header(blob).generation == generation

    @given(st.binary(max_size=3000))
    def test_shows_its_size_only_in_whole_kib(self, text):
        assert (len(seal(KEY, text, context=PLACE)) - OVERHEAD) % BUCKET == 0

    def test_looks_alike_for_200_and_900_bytes(self):
        assert len(seal(KEY, b"x" * 200, context=PLACE)) == len(seal(KEY, b"x" * 900, context=PLACE))

    def test_is_never_the_same_twice(self):
        assert seal(KEY, b"same", context=PLACE) != seal(KEY, b"same", context=PLACE)

    @given(st.binary(max_size=1500), st.data())
    def test_breaks_if_any_byte_is_altered(self, text, data):
        blob = bytearray(seal(KEY, text, context=PLACE))
        at = data.draw(st.integers(0, len(blob) - 1))
        blob[at] ^= data.draw(st.integers(1, 255))
        with pytest.raises(SealBroken):
            unseal(KEY, bytes(blob), context=PLACE)

    @pytest.mark.parametrize("at", range(6 + 24 + 32))
    def test_breaks_if_a_byte_of_its_head_is_altered(self, at):
        blob = bytearray(seal(KEY, b"text", context=PLACE))
        blob[at] ^= 1
        with pytest.raises(SealBroken):
            unseal(KEY, bytes(blob), context=PLACE)

    @settings(max_examples=50)
    @given(st.integers(0, 40_000), st.data())
    def test_breaks_if_it_is_cut_or_lengthened(self, size, data):
        blob = seal(KEY, bytes(size), context=PLACE)
        at = data.draw(st.integers(0, len(blob) - 1))
        for altered in (blob[:at], blob + b"\0", blob[: 6 + 56 + 16 * 1024 + 16] + blob):
            with pytest.raises(SealBroken):
                unseal(KEY, altered, context=PLACE)

    def test_breaks_if_it_ends_at_a_chunk(self):
        # A stream whose last, shorter chunk is missing gives whole chunks that are each genuine.
        blob = seal(KEY, bytes(40_000), context=PLACE)
        with pytest.raises(SealBroken):
            unseal(KEY, blob[: 6 + 56 + 16 * 1024 + 16], context=PLACE)

    def test_breaks_in_another_place_or_under_another_key(self):
        blob = seal(KEY, b"text", context=PLACE)
        with pytest.raises(SealBroken):
            unseal(KEY, blob, context=PLACE + b"2")
        with pytest.raises(SealBroken):
            unseal(os.urandom(32), blob, context=PLACE)

    def test_breaks_under_a_key_of_the_wrong_length(self):
        with pytest.raises(SealBroken):
            unseal(KEY[:31], seal(KEY, b"text", context=PLACE), context=PLACE)

    def test_breaks_if_it_claims_another_generation(self):
        blob = Sealing(Header(1, 1), KEY, PLACE).seal(b"text")
        with pytest.raises(SealBroken):
            unseal(KEY, Header(1, 2).to_bytes() + blob[6:], context=PLACE)


class TestSuites:
    @pytest.mark.parametrize("suite", [0, 2, 255])
    def test_that_nobody_knows_are_refused(self, suite):
        blob = seal(KEY, b"text", context=PLACE)
        with pytest.raises(SealBroken):
            unseal(KEY, blob[:1] + bytes([suite]) + blob[2:], context=PLACE)

    def test_that_are_retired_are_refused(self, monkeypatch):
        blob = seal(KEY, b"text", context=PLACE)
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        with pytest.raises(SealBroken):
            unseal(KEY, blob, context=PLACE)

    def test_of_another_format_are_refused(self):
        blob = seal(KEY, b"text", context=PLACE)
        with pytest.raises(SealBroken):
            unseal(KEY, b"\2" + blob[1:], context=PLACE)

    @pytest.mark.parametrize("blob", [b"", b"\1", b"\1\1\0\0\0"])
    def test_are_not_looked_for_in_too_few_bytes(self, blob):
        with pytest.raises(SealBroken):
            read_header(blob)


class TestPaddingHasOneForm:
    def test_of_a_length_and_zeros(self):
        assert unseal(KEY, seal_padded(b"\0\0\0\2ab" + bytes(BUCKET - 6)), context=PLACE) == b"ab"

    @pytest.mark.parametrize(
        "padded",
        [
            b"",
            b"\0\0\0\2ab",  # no padding
            b"\0\0\0\2ab" + bytes(BUCKET - 7) + b"\1",  # something hidden behind the text
            b"\0\0\0\2ab" + bytes(2 * BUCKET - 6),  # more padding than needed
            b"\0\0\0\0" + bytes(2 * BUCKET - 4),
            b"\0\0\xff\xff" + bytes(BUCKET - 4),  # longer than there is
        ],
    )
    def test_and_no_other(self, padded):
        with pytest.raises(SealBroken):
            unseal(KEY, seal_padded(padded), context=PLACE)
