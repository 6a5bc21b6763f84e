"""Two keys, a record of invented people, and the look-up that knows both keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from consent.envelope import Signer
from consent.kinds import DocumentKind, EventKind, SectionKind
from consent.limits import Limit
from consent.record import (
    AuthenticationFacts,
    Check,
    ConsentRecord,
    DocumentFacts,
    KnownKey,
    Person,
    PracticeFacts,
    ScreenFormsFacts,
    SectionFacts,
    SignerFacts,
    sign_record,
)

SUBJECT = UUID("5f0c2a4e-8a57-4b39-9d8e-6a3d1b7c9e10")
SIGNED_AT = datetime(2026, 11, 22, 15, 15, 52, 987654, tzinfo=UTC)


@dataclass(frozen=True)
class Key:
    """A key pair; tests may hold both halves in one hand."""

    keyid: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def signer(self) -> Signer:
        return Signer(self.keyid, self.private.sign)

    def known(self, kind: str, subject: UUID | None = None) -> KnownKey:
        return KnownKey(kind, subject, lambda signature, message: verifies(self.public, signature, message))


def key(keyid: str) -> Key:
    return Key(keyid, Ed25519PrivateKey.from_private_bytes(keyid.encode().ljust(32, b".")))


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


CLIENT, PRACTICE, STRANGER = key("c1"), key("9a"), key("ff")
KNOWN = {
    CLIENT.keyid: CLIENT.known("client", SUBJECT),
    PRACTICE.keyid: PRACTICE.known("record"),
    STRANGER.keyid: STRANGER.known("client", UUID(int=7)),
}
find_key: Callable[[str], KnownKey | None] = KNOWN.get


def record(**changes: object) -> ConsentRecord:
    facts: dict[str, object] = {
        "record_id": UUID("018f0000-0000-4000-8000-000000000001"),
        "reference": "7K3QM-2XD9P",
        "event": EventKind.SIGNED,
        "prev": None,
        "practice": PracticeFacts("ab" * 32, "Alder Lane"),
        "document": DocumentFacts(DocumentKind.CONFIDENTIALITY, "1.0.0", "en-US", "individual", "US", "cd" * 32),
        "subject": Person(SUBJECT, "Robin Example"),
        "vault": UUID(int=11),
        "signer": SignerFacts(UUID(int=12), CLIENT.keyid, "Robin Example", "I have read this."),
        "therapists": (Person(UUID(int=13), "Dana Example"),),
        "supervisor": None,
        "esign": ScreenFormsFacts("ef" * 32, SIGNED_AT),
        "sections": tuple(SectionFacts.done(code, SectionKind.ACK, at=SIGNED_AT, check=Check.RIGHT) for code in Limit),
        "auth": AuthenticationFacts(("passphrase", "totp"), "passphrase", SIGNED_AT),
        "signed_at": SIGNED_AT,
        "tz": "America/Chicago",
    }
    return ConsentRecord(**{**facts, **changes})  # type: ignore[arg-type]


def signed(**changes: object) -> bytes:
    return sign_record(record(**changes), client=CLIENT.signer, practice=PRACTICE.signer)
