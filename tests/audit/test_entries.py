import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Unpack
from uuid import UUID

import pytest

from audit.actors import Acting, Named, Nobody, Origin
from audit.acts import Act, Ground, Outcome, Purpose
from audit.canonical import NotCanonical, encode, leaf_hash
from audit.entries import Basis, Details, SealedDetail, compose, index_columns, read_body, subject_handles, uid_of
from tests.audit.cast import AT, HANDLE, NOTE_ID, OTHER_HANDLE, Therapist

pytestmark = pytest.mark.once

# Version 1, byte for byte. If this test fails, stored entries can no longer be read: make a version 2 instead.
FROZEN = (
    b'{"action":"note:read",'
    b'"actor":{"id":"u_aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","role":"therapist","sess":"s_0123456789abcdef"},'
    b'"at":"2026-03-01T14:02:11.123456Z",'
    b'"basis":{"id":"99999999-2222-4333-8444-555555555555","kind":"care"},'
    b'"enc":{"h":"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=","k":"shared.1"},'
    b'"obj":{"fields":["body"],"id":"11111111-2222-4333-8444-555555555555","rev":4,"type":"notes.note"},'
    b'"outcome":"ok","purpose":"TREAT","req":"r1","salt":"c2FsdHNhbHRzYWx0c2FsdA==",'
    b'"src":{"device":"computer","net":"10.0.0.0/24"},'
    b'"subj":["000102030405060708090a0b0c0d0e0f","101112131415161718191a1b1c1d1e1f"],'
    b'"v":1,"w":["k3f9",1041]}'
)


def composed(
    by: Acting | None = None, at: datetime = AT, target: Named | None = None, **details: Unpack[Details]
) -> Any:
    return compose(
        Act.NOTE_READ,
        by=by or Therapist(),
        at=at,
        target=target,
        outcome=Outcome.OK,
        written=["k3f9", 1041],
        details=details,
    )


class TestVersionOne:
    def test_is_frozen_byte_for_byte(self, monkeypatch):
        monkeypatch.setattr("audit.entries.secrets.token_bytes", lambda size: b"salt" * (size // 4))
        facts = composed(
            target=Named("notes.note", NOTE_ID),
            subjects=[OTHER_HANDLE, HANDLE, HANDLE],
            purpose=Purpose.TREATMENT,
            basis=Basis(Ground.CARE, UUID("99999999-2222-4333-8444-555555555555")),
            enc=SealedDetail.of(b"hello", key_name="shared.1"),
            revision=4,
            fields=["body"],
        )
        assert encode(facts) == FROZEN
        assert leaf_hash(FROZEN).hex() == "fc7ef3cd7ed35fc2e7069bb4b59d2e70dc7f62b769d188829e274cebfe097da5"

    def test_has_every_key_even_with_nothing_to_say(self):
        facts = composed(by=Nobody(Origin()))
        assert set(facts) == set(json.loads(FROZEN))
        assert (facts["obj"], facts["basis"], facts["enc"], facts["purpose"], facts["subj"]) == (None,) * 4 + ([],)

    def test_is_read_back(self):
        facts = read_body(FROZEN)
        assert index_columns(facts) == {
            "at": AT,
            "action": "note:read",
            "actor_id": "u_aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
            "role": "therapist",
            "outcome": "ok",
            "obj_type": "notes.note",
            "obj_id": NOTE_ID,
        }
        assert subject_handles(facts) == [HANDLE, OTHER_HANDLE]

    @pytest.mark.parametrize("body", [b'{"v":2}', b"{}", b"[]", b'{"v": 1}'])
    def test_is_not_mistaken_for_anything_else(self, body):
        with pytest.raises(NotCanonical):
            read_body(body)


class TestCompose:
    def test_salts_every_entry_so_that_its_hash_can_be_given_away(self):
        one, two = composed(), composed()
        assert len(base64.b64decode(one["salt"])) == 16
        assert one["salt"] != two["salt"]

    def test_writes_moments_in_utc_with_microseconds(self):
        summer = timezone(timedelta(hours=2))
        assert composed(at=datetime(2026, 7, 1, 1, 0, tzinfo=summer))["at"] == "2026-06-30T23:00:00.000000Z"

    def test_refuses_a_moment_without_a_time_zone(self):
        with pytest.raises(ValueError, match="time zone"):
            composed(at=AT.replace(tzinfo=None))

    def test_keeps_neighbouring_fields_apart(self):
        # Columns strung together without a border let "ab", "c" pass for "a", "bc".
        one, two = (
            composed(by=Therapist(role="ab", session_handle="c")),
            composed(by=Therapist(role="a", session_handle="bc")),
        )
        two["salt"] = one["salt"]
        assert leaf_hash(encode(one)) != leaf_hash(encode(two))

    @pytest.mark.parametrize("handles", [[b"short"], [bytes(17)], [bytes([n, 1]) + bytes(14) for n in range(201)]])
    def test_refuses_handles_of_another_length_and_more_than_200(self, handles):
        with pytest.raises(ValueError, match=r"handle|200"):
            composed(subjects=handles)

    def test_holds_200_clients(self):
        facts = composed(subjects=[bytes([n]) * 16 for n in range(200)])
        assert len(subject_handles(read_body(encode(facts)))) == 200

    @pytest.mark.parametrize(
        "given",
        [
            pytest.param({"by": Therapist(audit_id="Dana Whitlock")}, id="a name for an actor"),
            pytest.param({"by": Therapist(role="kind therapist")}, id="a sentence for a role"),
            pytest.param({"by": Therapist(session_handle="x" * 61)}, id="a session handle without end"),
            pytest.param({"by": Nobody(Origin(req="search for Dana"))}, id="search words"),
            pytest.param({"by": Nobody(Origin(device="Dana's phone"))}, id="a device with a name"),
            pytest.param({"target": Named("a note about Dana", NOTE_ID)}, id="text for a type"),
            pytest.param({"target": Named("notes.note", NOTE_ID), "fields": ["she said"]}, id="a value for a field"),
            pytest.param({"enc": SealedDetail.of(b"", key_name="key of Dana")}, id="text for a key"),
        ],
    )
    def test_has_no_place_for_text(self, given):
        with pytest.raises(ValueError, match="identifiers, never text"):
            composed(**given)

    def test_names_a_ground_without_an_id(self):
        assert composed(basis=Basis(Ground.ROLE))["basis"] == {"kind": "role", "id": None}


class TestSealedDetail:
    def test_commits_to_the_ciphertext(self):
        assert SealedDetail.of(b"cipher", key_name="record.2") == SealedDetail(
            "record.2", bytes.fromhex("c806cd9c716cfbfdb4763c71dd1394b3e602fce81291a0338bf8e3225416ac32")
        )


class TestUidOf:
    def test_is_the_first_half_of_the_leaf_hash(self):
        assert uid_of(bytes(range(32))).bytes == bytes(range(16))
