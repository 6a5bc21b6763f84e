"""The signed statements: who a key belongs to, who may invite, which key a vault has and who may read it.

Each is a frozen record with one canonical encoding; the row in the database is only its carrier, so a row that was
altered no longer verifies.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from keys.context import decode, encode


class Kind(StrEnum):
    """Whose key a certificate vouches for."""

    STAFF = "staff"
    CLIENT = "client"
    RECOVERY = "recovery"


class VaultKind(StrEnum):
    """The four vaults of a client, two about somebody on the staff, and who may read each."""

    CONTACT = "contact"  # care team and managers
    SHARED = "shared"  # the client and the care team
    RECORD = "record"  # the care team
    PROCESS = "process"  # the author alone
    WILL = "will"  # the therapist whose will it is; their custodian once it is released
    RELEASE = "release"  # whoever has a part in the release of a will


# No client's record is shut when one of these is left to the recovery key alone.
ABOUT_STAFF = frozenset({VaultKind.WILL, VaultKind.RELEASE})


class Cause(StrEnum):
    """Why somebody may read a vault. Only who was given a key for good passes it on."""

    GIVEN = "given"  # by making it, by being named when it was made, or by a reader's press
    COVER = "cover"  # lent for a time
    FINISH = "finish"  # theirs until what they began is done


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
class ReadersCommitmentStatement(CommitmentStatement):
    """The same, with the readers whom `maker` wraps the key to (:func:`write_readers`): rows beside them are nobody."""

    purpose = "gen/v2"
    readers: bytes


@dataclass(frozen=True)
class ReaderStatement(_Statement):
    """`given_by`, who reads this generation for good, lets one more key read it and what came before.

    `given_by` is empty in a row of before readers were signed: the service's own MAC stands in for a signature then.
    """

    purpose = "reader/v1"
    root: bytes
    vault: UUID
    generation: int
    key_id: bytes
    cause: str
    expires_at: datetime | None
    given_by: bytes
    given_at: datetime


@dataclass(frozen=True)
class ReaderEndStatement(_Statement):
    """`issuer` ends from `since` on what this holder was given of a vault before `made_at`."""

    purpose = "reader-end/v1"
    root: bytes
    vault: UUID
    holder: UUID
    since: datetime
    issuer: bytes
    made_at: datetime


@dataclass(frozen=True)
class HeirStatement(_Statement):
    """`issuer`, the old pair or the root, lets a holder's next pair read whatever the old one reads at `since`."""

    purpose = "heir/v1"
    root: bytes
    holder: UUID
    old: bytes
    new: bytes
    since: datetime
    issuer: bytes


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


@dataclass(frozen=True)
class ReaderLine:
    """One reader in the list of a generation: key id, why, and when it ends by itself."""

    key_id: bytes
    cause: Cause
    expires_at: datetime | None


def write_readers(lines: Iterable[ReaderLine]) -> bytes:
    """Write the list that a ``gen/v2`` signs: key id, cause and end of each reader, by key id."""
    ordered = sorted(lines, key=lambda line: line.key_id)
    return encode("readers/v1", *(part for line in ordered for part in (line.key_id, line.cause, line.expires_at)))


def read_readers(written: bytes) -> list[ReaderLine]:
    """Read back :func:`write_readers`.

    :raises ValueError: not of this form
    """
    parts = decode("readers/v1", written)
    lines = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return [
        ReaderLine(key_id, Cause(cause.decode()), datetime.fromisoformat(end.decode()) if end else None)
        for key_id, cause, end in lines
    ]
