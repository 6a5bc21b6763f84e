"""What a client signed, when and how, as one canonical JSON text with two signatures around it.

The facts are the consent record's; the envelope is `consent.envelope`; `docs/verify-consent.md` shows how a
stranger checks one with openssl.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique
from typing import Any
from uuid import UUID

from audit.canonical import Json, NotCanonical, decode, encode
from consent.envelope import Envelope, Signature, Signer, parse_envelope, seal_envelope
from consent.kinds import DocumentKind, EventKind, SectionKind
from consent.limits import Limit

SCHEMA = "subrosa/consent-record/1"
PAYLOAD_TYPE = "application/vnd.subrosa.consent-record+json"

# Crockford's 32 letters and digits: none is taken for another when it is read out.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class RecordRefused(ValueError):
    """The record is not one that this client and the practice signed as it stands."""


@unique
class Check(StrEnum):
    """How the question on a limit ended; tries are not kept."""

    RIGHT = "right"
    TO_DISCUSS = "to_discuss"


@dataclass(frozen=True)
class Person:
    id: UUID
    name: str


@dataclass(frozen=True)
class PracticeFacts:
    """`id` is the root id, in hex: what every key chain ends in."""

    id: str
    name: str


@dataclass(frozen=True)
class DocumentFacts:
    kind: DocumentKind
    version: str
    lang: str
    variant: str
    jurisdiction: str
    sha256: str


@dataclass(frozen=True)
class SignerFacts:
    """`id` is the holder of the identity key, `key_id` (hex) the key itself, `meaning` what the signature says."""

    id: UUID
    key_id: str
    name_typed: str
    meaning: str
    role: str = "client"
    basis: str = "self"


@dataclass(frozen=True)
class ScreenFormsFacts:
    """The earlier yes to signing on screen: which text, and when."""

    sha256: str
    at: datetime


def minute_of(at: datetime) -> str:
    """Write a moment to the minute, in UTC; such texts sort as the moments do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


@dataclass(frozen=True)
class SectionFacts:
    code: Limit
    kind: SectionKind
    at: str
    check: Check

    @classmethod
    def done(cls, code: Limit, kind: SectionKind, *, at: datetime, check: Check) -> "SectionFacts":
        """State when a section was done to the minute: seconds would tell how somebody reads."""
        return cls(code, kind, minute_of(at), check)


@dataclass(frozen=True)
class AuthenticationFacts:
    """Kinds of factors, such as "totp", never their values."""

    factors: tuple[str, ...]
    reauthenticated_with: str
    reauthenticated_at: datetime


@dataclass(frozen=True)
class ConsentRecord:
    """Everything that is signed. Names are facts here and nowhere in the text.

    :param prev: SHA-256 of the record that this one follows, in hex
    :param tz: the client's time zone, such as "America/Chicago"; the moments themselves are in UTC
    """

    record_id: UUID
    reference: str
    event: EventKind
    prev: str | None
    practice: PracticeFacts
    document: DocumentFacts
    subject: Person
    vault: UUID
    signer: SignerFacts
    therapists: tuple[Person, ...]
    supervisor: Person | None
    esign: ScreenFormsFacts
    sections: tuple[SectionFacts, ...]
    auth: AuthenticationFacts
    signed_at: datetime
    tz: str

    def to_bytes(self) -> bytes:
        """Write the record as RFC 8785 JSON, strings in NFC.

        :raises RecordRefused: a string has no bytes (half a surrogate pair), or the record is too long
        """
        try:
            return encode({"schema": SCHEMA, **_members(self)})
        except NotCanonical as error:
            raise RecordRefused(f"The record cannot be written: {error}.") from error


@dataclass(frozen=True)
class KnownKey:
    """A public key that the caller vouches for.

    :param kind: "client", or "record" for the practice's own
    :param subject: whom a client's certificate names
    :param verify: takes signature and message
    """

    kind: str
    subject: UUID | None
    verify: Callable[[bytes, bytes], bool]


@dataclass(frozen=True)
class VerifiedRecord:
    """A record whose signatures hold; `sha256` (hex) is what the receipt shows."""

    facts: dict[str, Json]
    sha256: str


def sign_record(record: ConsentRecord, *, client: Signer, practice: Signer) -> bytes:
    """Put both signatures around a record and return the envelope, about 4 kB.

    :raises RecordRefused: the client signs with another key than the record names
    """
    if client.keyid != record.signer.key_id:
        raise RecordRefused("The record names another key than the one that signs.")
    return seal_envelope(record.to_bytes(), payload_type=PAYLOAD_TYPE, signers=[client, practice])


def verify_record(raw: bytes, *, subject: UUID, find_key: Callable[[str], KnownKey | None]) -> VerifiedRecord:
    """Check that this client and the practice signed this envelope, both, and that it is about this client.

    :param subject: whom the record should be about, from the vault it lies in
    :raises EnvelopeRefused: it is no envelope
    :raises RecordRefused: a signature, a key or a name in it does not fit
    """
    payload, client_keyid = verify_both(raw, payload_type=PAYLOAD_TYPE, subject=subject, find_key=find_key)
    facts = _facts(payload)
    if _at(facts, "subject", "id") != str(subject):
        raise RecordRefused("The record is about somebody else.")
    if _at(facts, "signer", "key_id") != client_keyid:
        raise RecordRefused("The record names another key than the one that signed.")
    return VerifiedRecord(facts, hash_record(payload))


def verify_both(
    raw: bytes, *, payload_type: str, subject: UUID, find_key: Callable[[str], KnownKey | None]
) -> tuple[bytes, str]:
    """Check that this client and the practice signed this envelope, both.

    :returns: the bytes that were signed, and the id of the client's key
    :raises EnvelopeRefused: it is no envelope
    :raises RecordRefused: its type, a signature or a key does not fit
    """
    envelope = parse_envelope(raw)
    if envelope.payload_type != payload_type:
        raise RecordRefused("This is signed, but it is not a consent record.")
    client, client_key = _by_kind(envelope, find_key)["client"]
    if client_key.subject != subject:
        raise RecordRefused("The key that signed belongs to somebody else.")
    return envelope.payload, client.keyid


def hash_record(payload: bytes) -> str:
    """Return the SHA-256 of a record's bytes in hex: for the receipt and the next record's `prev`.

    Not for a column in the clear: all but the name can be guessed, and so the name could be tried.
    """
    return hashlib.sha256(payload).hexdigest()


def draw_reference() -> str:
    """Draw the name of a receipt, such as "7K3QM-2XD9P": 50 random bits that say nothing about anybody."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _by_kind(envelope: Envelope, find_key: Callable[[str], KnownKey | None]) -> dict[str, tuple[Signature, KnownKey]]:
    signatures: dict[str, tuple[Signature, KnownKey]] = {}
    for signature in envelope.signatures:
        key = find_key(signature.keyid)
        if key is None:
            raise RecordRefused("One of the keys that signed is not known here.")
        if not key.verify(signature.raw, envelope.message):
            raise RecordRefused("A signature does not fit: the record was changed, or another key signed it.")
        signatures[key.kind] = signature, key
    if signatures.keys() != {"client", "record"} or len(envelope.signatures) != 2:
        raise RecordRefused("A record is signed twice: by the client, and by the practice.")
    return signatures


def _facts(payload: bytes) -> dict[str, Json]:
    try:
        facts = decode(payload)
    except NotCanonical as error:
        raise RecordRefused("The record is not written in its one canonical form.") from error
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        raise RecordRefused("The record is of another kind than this program knows.")
    return facts


def _at(facts: dict[str, Json], *path: str) -> Json:
    value: Json = facts
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _members(facts: Any) -> dict[str, Json]:
    return {field.name: _plain(getattr(facts, field.name)) for field in fields(facts)}


def _plain(value: Any) -> Json:
    match value:
        case None:
            return None
        case str():
            return unicodedata.normalize("NFC", value)
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return _members(value)
    raise RecordRefused(f"{type(value).__name__} is not for a record.")
