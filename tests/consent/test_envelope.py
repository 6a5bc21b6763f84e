import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.envelope import MAX_BYTES, EnvelopeRefused, parse_envelope, pre_authentication, seal_envelope
from tests.consent.signing import CLIENT, PRACTICE, signed, verifies

pytestmark = pytest.mark.once


def members() -> dict[str, object]:
    return dict(json.loads(signed()))


class TestPreAuthentication:
    def test_gives_the_example_of_the_specification(self):
        message = pre_authentication("http://example.com/HelloWorld", b"hello world")
        assert message == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"

    @given(st.text(max_size=8), st.binary(max_size=8), st.text(max_size=8), st.binary(max_size=8))
    def test_differs_wherever_type_or_payload_differ(self, kind, payload, other_kind, other_payload):
        same = pre_authentication(kind, payload) == pre_authentication(other_kind, other_payload)
        assert same == ((kind, payload) == (other_kind, other_payload))


class TestSealEnvelope:
    @given(st.binary(max_size=200))
    def test_comes_apart_as_it_was_put_together(self, payload):
        raw = seal_envelope(payload, payload_type="text/plain", signers=[CLIENT.signer, PRACTICE.signer])
        envelope = parse_envelope(raw)
        assert (envelope.payload, envelope.payload_type) == (payload, "text/plain")
        for key, signature in zip([CLIENT, PRACTICE], envelope.signatures, strict=True):
            assert signature.keyid == key.keyid
            assert verifies(key.public, signature.raw, envelope.message)


class TestParseEnvelope:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"payload": 7}, "written in Base64"),
            ({"payload": "e30*"}, "is not Base64"),
            ({"payload": "e30é"}, "is not Base64"),
            ({"payload": "e31="}, "not Base64 as we write it"),
            ({"payload": "e30\n="}, "is not Base64"),
            ({"payloadType": None}, "not what they should be"),
            ({"signatures": {}}, "not what they should be"),
            ({"signatures": ["sig"]}, "needs keyid and sig"),
            ({"signatures": [{"sig": "e30="}]}, "needs keyid and sig"),
            ({"signatures": [{"keyid": 1, "sig": "e30="}]}, "needs keyid and sig"),
            ({"signatures": [{"keyid": "a", "sig": "e30="}] * 2}, "named twice"),
            ({"extra": 1}, "it needs payload, payloadType and signatures"),
        ],
    )
    def test_refuses_what_is_not_quite_an_envelope(self, changes, words):
        with pytest.raises(EnvelopeRefused, match=words):
            parse_envelope(json.dumps({**members(), **changes}).encode())

    @pytest.mark.parametrize(
        "raw",
        [b"", b"[]", b"{}", b"null", b"\xff", signed()[:-9], b"[" * 60_000, b'{"payload": ' * 5_000],
        ids=["empty", "array", "object", "null", "not UTF-8", "cut short", "deep array", "deep object"],
    )
    def test_refuses_what_is_no_envelope_at_all(self, raw):
        with pytest.raises(EnvelopeRefused):
            parse_envelope(raw)

    def test_refuses_a_name_that_stands_twice(self):
        raw = signed().replace(b'"payloadType"', b'"payload": "e30=", "payloadType"')
        with pytest.raises(EnvelopeRefused, match="twice"):
            parse_envelope(raw)

    def test_refuses_a_file_that_is_too_large(self):
        envelope = {**members(), "payload": base64.b64encode(bytes(MAX_BYTES)).decode()}
        with pytest.raises(EnvelopeRefused, match="larger"):
            parse_envelope(json.dumps(envelope).encode())

    @given(st.binary(max_size=300))
    def test_answers_any_bytes_in_plain_words(self, raw):
        with pytest.raises(EnvelopeRefused) as refused:
            parse_envelope(raw)
        assert str(refused.value).endswith(".")
