import os

import pytest

from keys.errors import KeyRefused, SealBroken
from keys.signing import SigningKey, ed25519_public, verify_ed25519
from keys.wrapping import private_key, unwrap, wrap

pytestmark = pytest.mark.once

SEED = bytes(range(32))
KEY = os.urandom(32)


@pytest.fixture(scope="module")
def wrapped():
    return wrap(KEY, to=private_key(SEED)[1], info=b"place")


class TestAWrap:
    def test_opens_for_its_reader_in_its_place(self, wrapped):
        assert unwrap(wrapped, by=private_key(SEED)[0], info=b"place") == KEY

    def test_stays_closed_to_others_and_elsewhere(self, wrapped):
        with pytest.raises(SealBroken):
            unwrap(wrapped, by=private_key(bytes(32))[0], info=b"place")
        with pytest.raises(SealBroken):
            unwrap(wrapped, by=private_key(SEED)[0], info=b"elsewhere")

    @pytest.mark.parametrize("at", [0, 1087, 1088, 1119, 1120, 1167])
    def test_breaks_if_a_byte_is_altered(self, wrapped, at):
        altered = bytearray(wrapped)
        altered[at] ^= 1
        with pytest.raises(SealBroken):
            unwrap(bytes(altered), by=private_key(SEED)[0], info=b"place")

    @pytest.mark.parametrize("length", [0, 80, 1167])
    def test_breaks_if_it_is_cut(self, wrapped, length):
        with pytest.raises(SealBroken):
            unwrap(wrapped[:length], by=private_key(SEED)[0], info=b"place")

    def test_breaks_if_it_is_longer(self, wrapped):
        with pytest.raises(SealBroken):
            unwrap(wrapped + b"\0", by=private_key(SEED)[0], info=b"place")

    def test_is_never_made_for_what_is_no_public_key(self):
        public = private_key(SEED)[1]
        low_order = public[:1184] + bytes(32)
        for wrong in (b"", public[:-1], public + b"\0", b"\xff" * 1184 + public[1184:], low_order):
            with pytest.raises(KeyRefused, match="public_key_form"):
                wrap(KEY, to=wrong, info=b"place")


class TestABareSignature:
    def test_is_one_that_outsiders_check_with_the_ed25519_half(self):
        signer = SigningKey(mldsa_seed=bytes(32), ed25519_seed=SEED)
        signature = signer.sign_ed25519(b"a record")
        assert signer.public.ed25519 == ed25519_public(SEED)
        assert verify_ed25519(signer.public.ed25519, signature, b"a record")
