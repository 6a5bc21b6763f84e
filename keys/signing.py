"""Signing statements twice, ML-DSA-65 and Ed25519, so that one broken algorithm forges nothing."""

import functools
import hashlib
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

MLDSA_PUBLIC = 1952
MLDSA_SIGNATURE = 3309
# Both halves.
SIGNATURE = MLDSA_SIGNATURE + 64
_CONTEXT = b"subrosa/statement/v1"


@dataclass(frozen=True)
class VerifyingKey:
    """Both public halves: 1,952 bytes of ML-DSA-65, then 32 of Ed25519."""

    raw: bytes

    def verify(self, signature: bytes, statement: bytes) -> bool:
        """Say whether *both* halves signed this statement."""
        return _both_signed(self.raw, signature, statement)

    @property
    def ed25519(self) -> bytes:
        return self.raw[MLDSA_PUBLIC:]

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(self.raw).digest()


@functools.lru_cache(maxsize=256)
def _both_signed(public: bytes, signature: bytes, statement: bytes) -> bool:
    # Remembered, because the same certificates stand above every page, and nothing goes into the answer but these very
    # bytes: no row, no clock, no secret. Which bytes are to be verified, and what follows, is asked anew each time.
    try:
        pq = mldsa.MLDSA65PublicKey.from_public_bytes(public[:MLDSA_PUBLIC])
        pq.verify(signature[:MLDSA_SIGNATURE], statement, context=_CONTEXT)
        curve = ed25519.Ed25519PublicKey.from_public_bytes(public[MLDSA_PUBLIC:])
        curve.verify(signature[MLDSA_SIGNATURE:], statement)
    except (InvalidSignature, ValueError):
        return False
    return True


class SigningKey:
    """Two 32-byte seeds, one signature of 3,373 bytes."""

    def __init__(self, *, mldsa_seed: bytes, ed25519_seed: bytes) -> None:
        self._mldsa_seed = mldsa_seed
        self._ed25519 = ed25519.Ed25519PrivateKey.from_private_bytes(ed25519_seed)

    def __repr__(self) -> str:
        return "<SigningKey>"

    @cached_property
    def _mldsa(self) -> mldsa.MLDSA65PrivateKey:
        return mldsa.MLDSA65PrivateKey.from_seed_bytes(self._mldsa_seed)

    @cached_property
    def public(self) -> VerifyingKey:
        return VerifyingKey(self._mldsa.public_key().public_bytes_raw() + self._ed25519.public_key().public_bytes_raw())

    def sign(self, statement: bytes) -> bytes:
        return self._mldsa.sign(statement, context=_CONTEXT) + self._ed25519.sign(statement)

    def sign_ed25519(self, message: bytes) -> bytes:
        """Sign for readers outside Subrosa, who check with openssl alone (RFC 8032)."""
        return self._ed25519.sign(message)


def ed25519_public(seed: bytes) -> bytes:
    """Return the 32-byte public key of an Ed25519 seed."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign_ed25519(seed: bytes, message: bytes) -> bytes:
    """Sign with a bare Ed25519 seed: 64 bytes (RFC 8032)."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a bare Ed25519 signature is good."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
