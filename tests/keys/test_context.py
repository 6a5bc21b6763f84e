from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.context import decode, encode
from keys.registry import Label

pytestmark = pytest.mark.once

raw_fields = st.lists(st.binary(max_size=12), max_size=5)
texts = st.lists(st.text(max_size=6), max_size=5)


class TestEncode:
    @given(raw_fields, raw_fields)
    def test_gives_other_bytes_for_other_fields(self, one, other):
        assert (encode("gen/v1", *one) == encode("gen/v1", *other)) == (one == other)

    @given(texts, texts)
    def test_gives_other_bytes_for_other_texts(self, one, other):
        assert (encode("gen/v1", *one) == encode("gen/v1", *other)) == (one == other)

    @given(st.lists(st.integers(0, 2**64 - 1), max_size=4), st.lists(st.integers(0, 2**64 - 1), max_size=4))
    def test_gives_other_bytes_for_other_numbers(self, one, other):
        assert (encode("gen/v1", *one) == encode("gen/v1", *other)) == (one == other)

    @given(raw_fields)
    def test_keeps_purposes_apart(self, fields):
        assert len({encode(label, *fields) for label in Label}) == len(Label)

    def test_does_not_collide_where_concatenation_would(self):
        assert encode("gen/v1", "1", "23") != encode("gen/v1", "12", "3")

    def test_writes_every_kind_of_field_in_one_way(self):
        east = datetime(2026, 3, 1, 16, 0, tzinfo=timezone(timedelta(hours=2)))
        assert decode("gen/v1", encode("gen/v1", None, b"b", "ü", 1, UUID(int=5), east)) == [
            b"",
            b"b",
            "ü".encode(),
            bytes(7) + b"\1",
            bytes(15) + b"\5",
            b"2026-03-01T14:00:00.000000+00:00",
        ]

    def test_writes_a_day_as_its_text(self):
        assert encode("gen/v1", date(2026, 3, 1)) == encode("gen/v1", "2026-03-01")

    def test_gives_one_moment_the_same_bytes_in_every_time_zone(self):
        east = datetime(2026, 3, 1, 16, 0, tzinfo=timezone(timedelta(hours=2)))
        assert encode("gen/v1", east) == encode("gen/v1", east.astimezone(UTC))

    def test_refuses_a_label_that_would_end_early(self):
        with pytest.raises(ValueError, match="NUL"):
            encode("gen\0v1")


class TestDecode:
    @given(raw_fields)
    def test_gives_back_what_was_encoded(self, fields):
        assert decode("gen/v1", encode("gen/v1", *fields)) == fields

    @given(raw_fields.filter(bool), st.data())
    def test_refuses_bytes_that_were_cut(self, fields, data):
        whole = encode("gen/v1", *fields)
        start = len(encode("gen/v1"))
        ends = {len(encode("gen/v1", *fields[:n])) for n in range(len(fields))}
        at = data.draw(st.integers(start, len(whole) - 1).filter(lambda n: n not in ends))
        with pytest.raises(ValueError, match="cut short"):
            decode("gen/v1", whole[:at])

    def test_refuses_another_purpose(self):
        with pytest.raises(ValueError, match="not a gen/v1"):
            decode("gen/v1", encode("cert/v1"))


class TestLabels:
    def test_are_each_used_for_one_purpose(self):
        # An enum takes a second member of the same value for another name of the first.
        assert len(Label.__members__) == len(set(Label))
