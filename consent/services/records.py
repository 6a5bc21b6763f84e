"""Signed records: which keys to believe, and opening one."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db.models import QuerySet

from access.acting import Actor
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.kinds import DocumentKind
from consent.limits import Limit
from consent.models import Record, Version
from consent.record import Check, KnownKey, verify_record
from consent.sealed import bind_envelope
from consent.services.attesting import SignatureUnproven, require_attested
from consent.services.ceremony import StepRefused
from consent.services.publishing import Published, TextAltered, published, require_as_published
from keys.errors import KeyRefused
from keys.prepared import Prepared
from keys.services import Keyring, Trust, Vouched, require_open, verified_practice_key, verify_ed25519

if TYPE_CHECKING:
    from clients.models import Client


class NoRecord(StepRefused):
    """Nothing was signed here."""

    message = "There is no signed form yet."


class KnownKeys:
    """The keys that may have signed about one client: theirs by its chain, the practice's by the root. Each chain once.

    :param subject: the client; a key may be certified for several records, and counts here as the one for this one
    :raises KeyRefused: the practice's key is not the one the root named
    """

    def __init__(self, by: Keyring, *, subject: UUID) -> None:
        self._trust, self._subject = Trust(by.root_id), subject
        self.practice = verified_practice_key("record", under=self._trust)

    def find(self, keyid: str) -> KnownKey | None:
        """Find the key with this id, in hex."""
        if keyid == practice_key_id(self.practice):
            return _known("record", None, self.practice)
        try:
            vouched = self._vouch(keyid)
        except (KeyRefused, ValueError):
            return None
        return _known(vouched.kind, vouched.subject, vouched.verifying.ed25519)

    def public_key(self, key_id: str) -> bytes:
        """Return the 32 bytes by which outsiders check a client's signature.

        :raises KeyRefused: nobody vouches for the key
        """
        return self._vouch(key_id).verifying.ed25519

    def _vouch(self, key_id: str) -> Vouched:
        return self._trust.vouch(bytes.fromhex(key_id), subject=self._subject)


@dataclass(frozen=True)
class SigningKeyShown:
    """A key that signed, as a receipt shows it; both are hex."""

    key_id: str
    public: str


@dataclass(frozen=True)
class SignedRecord:
    """A record that was opened and whose two signatures hold.

    :param sha256: of the record's bytes, in hex: what the receipt shows
    :param envelope: the file to hand out
    """

    id: UUID
    reference: str
    signed_at: datetime
    text: Published
    facts: dict[str, Any]
    sha256: str
    envelope: bytes
    client_key: SigningKeyShown
    practice_key: SigningKeyShown

    @property
    def to_discuss(self) -> frozenset[Limit]:
        sections = self.facts["sections"]
        return frozenset(Limit(one["code"]) for one in sections if one["check"] == Check.TO_DISCUSS)


def find_record(client: "Client") -> Record:
    """Find the newest signed record of a client; whether it is still in force is the timeline's to say.

    :raises NoRecord: nothing was signed
    """
    row = newest_record(client)
    if row is None:
        raise NoRecord(client)
    return row


def newest_record(client: "Client") -> Record | None:
    """Find the record that no other one follows, if anything was signed: its own columns are attested, their order not.

    :raises SignatureUnproven: two stand at the end of the chain, which signing never leaves
    """
    last = list(Record.objects.filter(client=client, next__isnull=True).select_related("version", "event")[:2])
    if len(last) > 1:
        raise SignatureUnproven
    return last[0] if last else None


def require_signed(*, by: Actor, subject: UUID, signature: UUID) -> None:
    """Hold what the gate calls a signature to its record, by both keys; nothing sealed is opened for it.

    :param subject: the client whose it is
    :param signature: the event
    :raises SignatureUnproven: no record stands behind it, or not this one
    :raises TextAltered: a published text is not the practice's, so nobody can say what the signature still carries
    """
    row = _record_of.first(event=signature)
    if row is None:
        raise SignatureUnproven
    keys = KnownKeys(require_open(by.keys), subject=subject)
    require_attested(row, subject=subject, find_key=keys.find)
    for version in _versions.all():
        require_as_published(version)


@Prepared
def _record_of(event: UUID) -> QuerySet[Record]:
    return Record.objects.filter(event=event).select_related("event")


@Prepared
def _versions() -> QuerySet[Version]:
    return Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY)


def look_at_record(*, by: Actor, client: "Client", at: datetime) -> SignedRecord:
    """Record the look, then open the newest signed record.

    :raises NoRecord: nothing was signed
    """
    row = find_record(client)
    receipt = record_look(Act.CONSENT_READ, by=by, target=row, purpose=purpose_of(by), at=at)
    return open_record(by=by, client=client, row=row, receipt=receipt)


def open_record(*, by: Actor, client: "Client", row: Record, receipt: Receipt) -> SignedRecord:
    """Open a record and believe it only if client and practice signed these very bytes about this client.

    :raises RecordRefused, EnvelopeRefused: it is not what was signed
    :raises SignatureUnproven: its row is not what was signed
    :raises TextAltered: the version is no longer the text that was signed
    :raises NoGrant: this reader waits for the key
    """
    receipt.covers_client(client.audit_handle)
    keys = KnownKeys(require_open(by.keys), subject=client.pk)
    require_attested(row, subject=client.pk, find_key=keys.find)
    vault = shared_vault(by=by, client=client)
    bound_to, first_hash = bind_envelope(row), row.ciphertext_sha256
    envelope = vault.unseal(row.sealed_envelope, bound_to=bound_to, receipt=receipt, first_hash=first_hash).encode()
    verified = verify_record(envelope, subject=client.pk, find_key=keys.find)
    facts, text = cast("dict[str, Any]", verified.facts), published(row.version)
    if facts["document"] != asdict(text.facts):
        raise TextAltered
    if (facts["record_id"], facts["reference"]) != (str(row.record_id), row.reference):
        raise SignatureUnproven
    key_id = facts["signer"]["key_id"]
    return SignedRecord(
        id=row.record_id,
        reference=row.reference,
        signed_at=row.signed_at,
        text=text,
        facts=facts,
        sha256=verified.sha256,
        envelope=envelope,
        client_key=SigningKeyShown(key_id, keys.public_key(key_id).hex()),
        practice_key=SigningKeyShown(practice_key_id(keys.practice), keys.practice.hex()),
    )


def practice_key_id(public: bytes) -> str:
    """Name the practice's record key: the first 16 bytes of its SHA-256, in hex."""
    return hashlib.sha256(public).hexdigest()[:32]


def _known(kind: str, subject: UUID | None, public: bytes) -> KnownKey:
    return KnownKey(kind, subject, lambda raw, message: verify_ed25519(public, raw, message))
