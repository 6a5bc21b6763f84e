"""The signed statements: who a key belongs to, who may invite, which key a vault has.

Each is a frozen record with one canonical encoding; the row in the database is only its carrier, so a row that was
altered no longer verifies.
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from keys.context import encode


class Kind(StrEnum):
    """Whose key a certificate vouches for."""

    STAFF = "staff"
    CLIENT = "client"
    RECOVERY = "recovery"


class VaultKind(StrEnum):
    """The four vaults of a client, and who may read each."""

    CONTACT = "contact"  # care team and managers
    SHARED = "shared"  # the client and the care team
    RECORD = "record"  # the care team
    PROCESS = "process"  # the author alone


def key_id_of(kem_public: bytes, sig_public: bytes) -> bytes:
    """Name a pair of public keys: the first 16 bytes of SHA-256 over both."""
    return hashlib.sha256(kem_public + sig_public).digest()[:16]


@dataclass(frozen=True)
class _Statement:
    purpose: ClassVar[str]

    def encode(self) -> bytes:
        """Write the bytes that are signed: every field, in the order of the class."""
        return encode(self.purpose, *(getattr(self, field.name) for field in fields(self)))


@dataclass(frozen=True)
class CertificateStatement(_Statement):
    """`issuer` vouches that a pair of keys is this holder's. `root` is the 32-byte practice root id."""

    purpose = "cert/v1"
    root: bytes
    holder: UUID
    key_id: bytes
    kem_hash: bytes
    sig_hash: bytes
    kind: str
    may_certify: int
    subject: UUID | None
    issuer: bytes
    issued_at: datetime


@dataclass(frozen=True)
class InvitationStatement(_Statement):
    """`issuer` lets a one-time key certify exactly this client, until `expires_at`."""

    purpose = "invite/v1"
    root: bytes
    invitation: UUID
    key_id: bytes
    sig_hash: bytes
    holder: UUID
    subject: UUID
    kind: str
    issued_at: datetime
    expires_at: datetime
    issuer: bytes


@dataclass(frozen=True)
class CommitmentStatement(_Statement):
    """`maker` fixes the key of one generation of one vault; `commit` gives the key away to nobody."""

    purpose = "gen/v1"
    root: bytes
    vault: UUID
    kind: str
    subject: UUID
    author: UUID | None
    generation: int
    suite: int
    commit: bytes
    prev: bytes
    maker: bytes
    maker_cert_hash: bytes
    made_at: datetime


@dataclass(frozen=True)
class RevocationStatement(_Statement):
    """`issuer` no longer vouches for what this key certifies after `since`; the newest number wins."""

    purpose = "revoke/v1"
    root: bytes
    key_id: bytes
    number: int
    since: datetime
    issuer: bytes


@dataclass(frozen=True)
class PracticeKeyStatement(_Statement):
    """The root names the practice's own signing key for `name` (record or log) from `since` on."""

    purpose = "key/v1"
    root: bytes
    name: str
    public: bytes
    since: datetime
