"""What a person holds: three seeds and the pinned root, 128 bytes in all."""

import os
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from keys import wrapping
from keys.signing import SigningKey
from keys.statements import key_id_of

SIZE = 128


@dataclass(frozen=True, repr=False)
class Seeds:
    """X-Wing, ML-DSA-65 and Ed25519 seeds of one person, and the id of the practice root this person believes."""

    xwing: bytes
    mldsa: bytes
    ed25519: bytes
    root_id: bytes

    @classmethod
    def fresh(cls, root_id: bytes) -> "Seeds":
        return cls(os.urandom(32), os.urandom(32), os.urandom(32), root_id)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Seeds":
        if len(raw) != SIZE:
            raise ValueError("a bundle holds 128 bytes")
        return cls(raw[:32], raw[32:64], raw[64:96], raw[96:])

    def to_bytes(self) -> bytes:
        return self.xwing + self.mldsa + self.ed25519 + self.root_id

    @cached_property
    def _kem(self) -> tuple[MLKEM768X25519PrivateKey, bytes]:
        return wrapping.private_key(self.xwing)

    @property
    def kem_private(self) -> MLKEM768X25519PrivateKey:
        return self._kem[0]

    @property
    def kem_public(self) -> bytes:
        return self._kem[1]

    @cached_property
    def signer(self) -> SigningKey:
        return SigningKey(mldsa_seed=self.mldsa, ed25519_seed=self.ed25519)

    @cached_property
    def key_id(self) -> bytes:
        return key_id_of(self.kem_public, self.signer.public.raw)
