"""Wrapping a vault's key to one person: HPKE Base with X-Wing (ML-KEM-768 + X25519), RFC 9180.

HPKE does not say who wrapped: a wrap is believed only together with the vault's signed commitment.
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from keys.errors import KeyRefused, SealBroken

PUBLIC_SIZE = 1216
WRAP_SIZE = 1168
_MLKEM_PUBLIC = 1184
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def private_key(seed: bytes) -> tuple[MLKEM768X25519PrivateKey, bytes]:
    """Grow a 32-byte X-Wing seed into its private key and its 1,216-byte public key (draft-connolly-cfrg-xwing-kem)."""
    stream = hashlib.shake_256(seed).digest(96)
    kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(stream[:64])
    curve = x25519.X25519PrivateKey.from_private_bytes(stream[64:])
    public = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return MLKEM768X25519PrivateKey(kem, curve), public


def wrap(key: bytes, *, to: bytes, info: bytes) -> bytes:
    """Wrap a 32-byte key to a public key: 1,168 bytes.

    :raises KeyRefused: `to` is no X-Wing public key, or one that gives every sender the same secret
    """
    try:
        public = MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(to[:_MLKEM_PUBLIC]),
            x25519.X25519PublicKey.from_public_bytes(to[_MLKEM_PUBLIC:]),
        )
        return _SUITE.encrypt(key, public, info=info)
    except ValueError as error:
        raise KeyRefused("public_key_form") from error


def unwrap(wrapped: bytes, *, by: MLKEM768X25519PrivateKey, info: bytes) -> bytes:
    """Open a wrap that was made for this key and this place.

    :raises SealBroken: altered, moved, or made for somebody else
    """
    if len(wrapped) != WRAP_SIZE:
        raise SealBroken
    try:
        return _SUITE.decrypt(wrapped, by, info=info)
    except InvalidTag as error:
        raise SealBroken from error
