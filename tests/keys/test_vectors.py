"""Formats that must not drift: what was sealed once opens for ever, and without our own code."""

import hashlib
import json
import struct
from base64 import b64decode
from pathlib import Path
from uuid import UUID

import pytest

from keys.kdf import Parameters, encode_verifier, expand, extract, proves, read_verifier, split
from keys.registry import Label
from keys.sealing import Header, Sealing, unseal
from keys.services.ceremonies import open_for_ceremony, seal_for_ceremony
from keys.services.certifying import fingerprint
from keys.signing import SigningKey, VerifyingKey
from keys.statements import key_id_of, read_readers, write_readers
from keys.words import fingerprint_words
from keys.wrapping import private_key, unwrap, wrap
from tests.keys import independent
from tests.keys.statements import HOLDER, KEY_ID, LINES, LIST, OTHER_ID, ROOT, STATEMENTS, SUBJECT

pytestmark = pytest.mark.once

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
KEY = bytes(range(32))
SEED = bytes(range(100, 132))
PASSPHRASE = "correct horse battery staple"
LONG_TEXT = ("Grüße aus dem Grünen. " * 900).encode()


class TestAPinnedBlob:
    @pytest.mark.parametrize(
        ("name", "text"), [("blob_of_one_chunk", b"a short note"), ("blob_of_two_chunks", LONG_TEXT)]
    )
    def test_opens_with_our_code_and_without_it(self, name, text):
        blob = b64decode(VECTORS[name])
        assert unseal(KEY, blob, context=b"a place") == text
        assert independent.open_blob(KEY, blob, b"a place") == text

    def test_is_what_we_still_write(self):
        blob = Sealing(Header(1, 7), KEY, b"a place").seal(LONG_TEXT)
        assert independent.open_blob(KEY, blob, b"a place") == LONG_TEXT
        assert blob[:6] == b64decode(VECTORS["blob_of_two_chunks"])[:6] == bytes([1, 1, 0, 0, 0, 7])


class TestAPinnedSetUp:
    def test_opens_with_our_code_and_without_it(self):
        blob, ceremony = b64decode(VECTORS["set_up"]), UUID(int=7)
        assert open_for_ceremony(blob, browser_key=KEY, ceremony=ceremony) == b'{"needed": 2}'
        assert independent.open_blob(KEY, blob, independent.framed("set-up/v1", ceremony.bytes)) == b'{"needed": 2}'

    def test_is_what_we_still_write(self):
        blob = seal_for_ceremony(b"typed so far", browser_key=KEY, ceremony=UUID(int=7))
        place = independent.framed("set-up/v1", UUID(int=7).bytes)
        assert independent.open_blob(KEY, blob, place) == b"typed so far"


class TestAPinnedWrap:
    def test_opens_with_our_code_and_without_it(self):
        wrapped = b64decode(VECTORS["wrap"])
        assert unwrap(wrapped, by=private_key(SEED)[0], info=b"a grant") == KEY
        assert independent.open_wrap(SEED, wrapped, b"a grant") == KEY

    def test_is_what_we_still_write(self):
        wrapped = wrap(KEY, to=private_key(SEED)[1], info=b"a grant")
        assert independent.open_wrap(SEED, wrapped, b"a grant") == KEY
        assert len(wrapped) == 1168


class TestXWing:
    def test_grows_the_public_key_that_the_draft_publishes(self):
        # draft-connolly-cfrg-xwing-kem-08, appendix C, first vector; the 1,216 bytes by their ends and their hash.
        seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
        public = private_key(seed)[1]
        assert public.hex().startswith("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b")
        assert public.hex().endswith("570216223593d4ba32d9abac8cd049040ef6534")
        assert hashlib.sha256(public).hexdigest() == "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb"
        assert independent.xwing_public(seed) == public


class TestStatements:
    @pytest.mark.parametrize("name", STATEMENTS)
    def test_have_pinned_bytes(self, name):
        assert STATEMENTS[name].encode().hex() == VECTORS["statements"][name]

    def test_are_written_field_by_field_as_documented(self):
        moment = b"2026-03-01T14:02:11.123456+00:00"
        by_hand = independent.framed(
            "cert/v1", ROOT, HOLDER.bytes, KEY_ID, b"k" * 32, b"s" * 32, b"client", struct.pack(">Q", 0),
            SUBJECT.bytes, OTHER_ID, moment,
        )  # fmt: skip
        assert STATEMENTS["cert/v1"].encode() == by_hand

    def test_were_signed_by_both_algorithms(self):
        signer = SigningKey(mldsa_seed=bytes(32), ed25519_seed=bytes(range(32)))
        signature, statement = b64decode(VECTORS["signature_of_key_v1"]), STATEMENTS["key/v1"].encode()
        assert signer.public.verify(signature, statement)
        assert len(signature) == 3309 + 64


class TestReaders:
    def test_are_a_list_that_is_read_back_in_one_form(self):
        later = b"2026-03-08T14:02:11.000000+00:00"
        by_hand = independent.framed("readers/v1", KEY_ID, b"given", b"", OTHER_ID, b"cover", later)
        assert by_hand == LIST == write_readers(reversed(LINES))
        assert read_readers(LIST) == sorted(LINES, key=lambda line: line.key_id)
        assert independent.unframed("gen/v2", STATEMENTS["gen/v2"].encode())[12] == LIST

    @pytest.mark.parametrize("cut", [1, 4, 40])
    def test_are_no_list_that_was_cut_short(self, cut):
        with pytest.raises(ValueError, match=r"cut short|argument 2 is shorter|argument 3 is shorter|not a"):
            read_readers(LIST[:-cut])

    def test_were_signed_as_every_statement_is(self):
        signer = SigningKey(mldsa_seed=bytes(32), ed25519_seed=bytes(range(32)))
        signature, statement = b64decode(VECTORS["signature_of_reader_v1"]), STATEMENTS["reader/v1"].encode()
        assert signer.public.verify(signature, statement)
        assert independent.is_signed(signer.public.raw, signature, statement)
        assert not independent.is_signed(signer.public.raw, signature, STATEMENTS["heir/v1"].encode())


class TestHybridSignatures:
    signer = SigningKey(mldsa_seed=bytes(32), ed25519_seed=bytes(range(32)))

    @pytest.mark.parametrize("at", [0, 3308, 3309, 3372])
    def test_fall_with_either_half(self, at):
        signature = bytearray(self.signer.sign(b"a statement"))
        signature[at] ^= 1
        assert not self.signer.public.verify(bytes(signature), b"a statement")

    @pytest.mark.parametrize("length", [0, 64, 3309, 3372])
    def test_fall_when_a_half_is_missing(self, length):
        assert not self.signer.public.verify(self.signer.sign(b"a statement")[:length], b"a statement")

    def test_that_hold_once_are_judged_anew_for_another_byte(self):
        """What held is remembered by its exact bytes, and says nothing about others."""
        public, statement = self.signer.public, b"a statement"
        signature = self.signer.sign(statement)
        stranger = SigningKey(mldsa_seed=bytes(range(32)), ed25519_seed=bytes(32)).public
        for _ in range(2):
            assert public.verify(signature, statement)
            assert not public.verify(signature, b"a Statement")
            assert not public.verify(signature[:-1] + bytes([signature[-1] ^ 1]), statement)
            assert not stranger.verify(signature, statement)

    def test_need_a_public_key_of_the_right_form(self):
        assert not VerifyingKey(b"short").verify(self.signer.sign(b"a statement"), b"a statement")

    def test_show_no_seed_when_printed(self):
        assert repr(self.signer) == "<SigningKey>"


class TestTheVerifier:
    def test_is_pinned_with_its_kek(self):
        parameters, proof = read_verifier(VECTORS["verifier"])
        derived = split(PASSPHRASE, parameters)
        assert derived.kek.hex() == VECTORS["kek"]
        assert encode_verifier(derived.auth, parameters) == VECTORS["verifier"]
        assert proves(derived.auth, proof)

    def test_has_the_documented_form(self):
        assert VECTORS["verifier"].startswith("split1$65536$3$1$AAECAwQFBgcICQoLDA0ODw==$")

    def test_is_a_hash_of_a_sibling_of_the_key(self):
        derived = split(PASSPHRASE, Parameters(salt=bytes(range(16))))
        assert derived.auth != derived.kek
        assert hashlib.sha256(derived.auth).digest() == read_verifier(VECTORS["verifier"])[1]

    def test_shows_no_key_when_printed(self):
        assert "kek" not in repr(split(PASSPHRASE, Parameters(salt=bytes(range(16)))))


class TestDerivedKeys:
    def test_are_hkdf_expand_under_a_framed_label(self):
        assert expand(KEY, Label.COMMIT) == independent.expand(KEY, independent.framed("commit/v1"), 32)

    def test_from_a_short_secret_are_extracted_first(self):
        prk = independent.hmac.digest(bytes(32), b"twenty random bytes!", "sha256")
        info = independent.framed("recovery-share/v1", b"1+2")
        assert extract(b"twenty random bytes!", Label.RECOVERY_SHARE, "1+2") == independent.expand(prk, info, 32)


class TestFingerprints:
    def test_are_six_pinned_words(self):
        assert fingerprint_words(bytes(range(32))) == "muster mumbo crucial heroism multitude foe"

    def test_bind_root_holder_and_both_keys(self):
        fields = {"root_id": ROOT, "holder": HOLDER, "kem_public": b"kem", "sig_public": b"sig"}
        plain = fingerprint(**fields)
        by_hand = independent.framed("fingerprint/v1", ROOT, HOLDER.bytes, b"kem", b"sig")
        assert plain == hashlib.sha256(by_hand).digest()
        others = {"root_id": bytes(32), "holder": SUBJECT, "kem_public": b"KEM", "sig_public": b"SIG"}
        for name, other in others.items():
            assert fingerprint(**{**fields, name: other}) != plain

    def test_differ_for_hashes_that_differ(self):
        assert fingerprint_words(bytes(32)) != fingerprint_words(bytes(31) + b"\1")


class TestAKeyId:
    def test_is_the_first_half_of_a_hash_over_both_public_keys(self):
        assert key_id_of(b"kem", b"sig") == hashlib.sha256(b"kemsig").digest()[:16]
