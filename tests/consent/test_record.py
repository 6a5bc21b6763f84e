import base64
import hashlib
import json
import re
from datetime import timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent.envelope import EnvelopeRefused, parse_envelope, seal_envelope
from consent.kinds import SectionKind
from consent.limits import Limit
from consent.record import (
    PAYLOAD_TYPE,
    Check,
    Person,
    RecordRefused,
    SectionFacts,
    draw_reference,
    hash_record,
    sign_record,
    verify_record,
)
from tests.consent.signing import CLIENT, KNOWN, PRACTICE, SIGNED_AT, STRANGER, SUBJECT, find_key, record, signed

pytestmark = pytest.mark.once

# Text that a person can type: no half of a surrogate pair.
typed = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def verify(raw: bytes, subject: UUID = SUBJECT):
    return verify_record(raw, subject=subject, find_key=find_key)


def wrap(payload: bytes, *signers, payload_type=PAYLOAD_TYPE) -> bytes:
    return seal_envelope(payload, payload_type=payload_type, signers=signers or [CLIENT.signer, PRACTICE.signer])


def altered(**facts: Any) -> bytes:
    """Return a payload with other facts, in canonical form."""
    return rfc8785.dumps({**json.loads(record().to_bytes()), **facts})


class TestToBytes:
    @given(typed, typed)
    def test_writes_what_an_independent_rfc_8785_library_writes(self, name, meaning):
        body = record(subject=Person(SUBJECT, name), tz=meaning).to_bytes()
        assert rfc8785.dumps(json.loads(body)) == body

    def test_names_every_fact(self):
        facts = json.loads(record().to_bytes())
        assert facts["schema"] == "subrosa/consent-record/1"
        assert facts["document"] == {
            "kind": "confidentiality_consent", "version": "1.0.0", "lang": "en-US", "variant": "individual",
            "jurisdiction": "US", "sha256": "cd" * 32,
        }  # fmt: skip
        assert facts["subject"] == {"id": str(SUBJECT), "name": "Robin Example"}
        assert facts["signer"]["key_id"] == CLIENT.keyid
        assert facts["signer"]["role"] == "client"
        assert [person["name"] for person in facts["therapists"]] == ["Dana Example"]
        assert facts["supervisor"] is None
        assert facts["prev"] is None
        assert facts["auth"]["factors"] == ["passphrase", "totp"]
        assert facts["sections"][1] == {
            "code": "serious_harm",
            "kind": "ack",
            "at": "2026-11-22T15:15Z",
            "check": "right",
        }

    def test_keeps_no_more_of_a_moment_than_it_needs(self):
        facts = json.loads(record().to_bytes())
        assert facts["signed_at"] == "2026-11-22T15:15:52Z"
        local = SIGNED_AT.astimezone(timezone(timedelta(hours=-6)))
        section = SectionFacts.done(Limit.ABUSE, SectionKind.ACK, at=local, check=Check.TO_DISCUSS)
        assert section.at == "2026-11-22T15:15Z"
        assert record(signed_at=local).to_bytes() == record().to_bytes()

    def test_writes_a_name_the_same_however_it_was_typed(self):
        composed, decomposed = (Person(SUBJECT, name) for name in ("Zo\u00eb", "Zoe\u0308"))
        assert record(subject=decomposed).to_bytes() == record(subject=composed).to_bytes()

    @pytest.mark.parametrize("value", [1.5, b"bytes", {"a": 1}, {1}])
    def test_refuses_what_has_no_one_form(self, value):
        with pytest.raises(RecordRefused, match="is not for a record"):
            record(tz=value).to_bytes()

    def test_refuses_half_a_character(self):
        with pytest.raises(RecordRefused, match="cannot be written"):
            record(tz="\ud800").to_bytes()

    def test_refuses_a_record_that_the_log_could_not_hold(self):
        with pytest.raises(RecordRefused, match="cannot be written"):
            record(tz="x" * 20_000).to_bytes()


class TestVerifyRecord:
    def test_accepts_what_client_and_practice_signed(self):
        verified = verify(signed())
        assert verified.facts["reference"] == "7K3QM-2XD9P"
        assert verified.sha256 == hashlib.sha256(record().to_bytes()).hexdigest()

    def test_stays_small_enough_to_mail(self):
        assert len(signed()) < 5_000

    @given(st.data())
    def test_refuses_every_envelope_with_one_changed_bit(self, data):
        raw = bytearray(signed())
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        try:
            verified = verify(bytes(raw))
        except (EnvelopeRefused, RecordRefused):
            return
        # White space between the members says nothing and is not signed.
        assert verified == verify(signed())
        assert parse_envelope(bytes(raw)) == parse_envelope(signed())

    def test_refuses_a_changed_payload_under_the_old_signatures(self):
        envelope = json.loads(signed())
        envelope["payload"] = base64.b64encode(altered(tz="Europe/Berlin")).decode()
        self.refuses(json.dumps(envelope).encode(), "the record was changed")

    def test_refuses_a_changed_signature(self):
        envelope = json.loads(signed())
        envelope["signatures"][1]["sig"] = base64.b64encode(bytes(64)).decode()
        self.refuses(json.dumps(envelope).encode(), "the record was changed, or another key signed it")

    def test_refuses_signatures_that_changed_places(self):
        envelope = json.loads(signed())
        first, second = envelope["signatures"]
        first["sig"], second["sig"] = second["sig"], first["sig"]
        self.refuses(json.dumps(envelope).encode(), "another key signed it")

    def test_refuses_a_key_swapped_behind_its_name(self):
        forged = {**KNOWN, CLIENT.keyid: STRANGER.known("client", SUBJECT)}
        with pytest.raises(RecordRefused, match="another key signed it"):
            verify_record(signed(), subject=SUBJECT, find_key=forged.get)

    def test_refuses_a_key_nobody_knows(self):
        with pytest.raises(RecordRefused, match="not known here"):
            verify_record(signed(), subject=SUBJECT, find_key=lambda _: None)

    @pytest.mark.parametrize("kind", ["staff", "recovery", "record"])
    def test_refuses_a_signer_who_is_no_client(self, kind):
        with pytest.raises(RecordRefused, match="signed twice: by the client, and by the practice"):
            verify_record(signed(), subject=SUBJECT, find_key={**KNOWN, CLIENT.keyid: CLIENT.known(kind, SUBJECT)}.get)

    @pytest.mark.parametrize(
        "keys",
        [[CLIENT], [PRACTICE], [CLIENT, STRANGER], [CLIENT, STRANGER, PRACTICE]],
        ids=["client", "practice", "two clients", "three"],
    )
    def test_refuses_fewer_or_other_signatures(self, keys):
        self.refuses(wrap(record().to_bytes(), *(key.signer for key in keys)), "signed twice")

    def test_refuses_the_key_of_another_client(self):
        raw = wrap(record().to_bytes(), STRANGER.signer, PRACTICE.signer)
        self.refuses(raw, "belongs to somebody else")

    def test_refuses_the_record_of_another_client(self):
        with pytest.raises(RecordRefused, match="belongs to somebody else"):
            verify(signed(), subject=UUID(int=7))

    @pytest.mark.parametrize("subject", [{"id": str(UUID(int=7)), "name": "x"}, {}, None, "x"])
    def test_refuses_a_record_that_names_another_subject(self, subject):
        self.refuses(wrap(altered(subject=subject)), "about somebody else")

    @pytest.mark.parametrize("signer", [{"key_id": STRANGER.keyid}, {}, []])
    def test_refuses_a_record_that_names_another_key(self, signer):
        self.refuses(wrap(altered(signer=signer)), "names another key")

    def test_refuses_a_record_of_another_schema(self):
        self.refuses(wrap(altered(schema="subrosa/consent-record/2")), "of another kind")

    @pytest.mark.parametrize(
        "payload",
        [b"", b"{", b'{"a":1,"a":2}', b'{"schema": 1}', b'{"a":1.5}', record().to_bytes() + b"\n"],
        ids=["empty", "open", "twice", "spaced", "float", "line feed"],
    )
    def test_refuses_a_payload_with_another_spelling(self, payload):
        self.refuses(wrap(payload), "canonical form")

    def test_refuses_signed_words_that_are_no_record(self):
        self.refuses(wrap(b"[]"), "of another kind")
        self.refuses(wrap(record().to_bytes(), payload_type="text/plain"), "not a consent record")

    def refuses(self, raw: bytes, words: str) -> None:
        with pytest.raises(RecordRefused, match=words):
            verify(raw)


class TestSignRecord:
    def test_refuses_another_key_than_the_record_names(self):
        with pytest.raises(RecordRefused, match="names another key"):
            sign_record(record(), client=STRANGER.signer, practice=PRACTICE.signer)


class TestReceipt:
    def test_shows_the_hash_that_links_the_next_record(self):
        sha256 = hash_record(parse_envelope(signed()).payload)
        following = record(prev=sha256)
        assert json.loads(following.to_bytes())["prev"] == verify(signed()).sha256

    def test_has_a_reference_that_can_be_read_out(self):
        references = {draw_reference() for _ in range(1000)}
        assert len(references) == 1000
        assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", each) for each in references)
