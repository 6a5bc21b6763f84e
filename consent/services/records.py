"""Signed records: which keys to believe, and opening one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from access.acting import Actor
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.limits import Limit
from consent.models import Record
from consent.record import Check, KnownKey, verify_record
from consent.sealed import ENVELOPE
from consent.services.ceremony import StepRefused
from consent.services.publishing import Published, TextAltered, published
from keys.errors import KeyRefused
from keys.services import Keyring, Trust, require_open, verified_practice_key, verify_ed25519

if TYPE_CHECKING:
    from clients.models import Client


class NoRecord(StepRefused):
    """Nothing was signed here."""

    message = "There is no signed form yet."


class KnownKeys:
    """Every key that one reader can vouch for: people's by their chain, the practice's by the root. Each chain once.

    :raises KeyRefused: the practice's key is not the one the root named
    """

    def __init__(self, by: Keyring) -> None:
        self._trust = Trust(by.root_id)
        self.practice = verified_practice_key("record", by=by)

    def find(self, keyid: str) -> KnownKey | None:
        """Find the key with this id, in hex."""
        if keyid == practice_key_id(self.practice):
            return _known("record", None, self.practice)
        try:
            vouched = self._trust.vouch(bytes.fromhex(keyid))
        except (KeyRefused, ValueError):
            return None
        return _known(vouched.kind, vouched.subject, vouched.verifying.ed25519)

    def public_key(self, key_id: str) -> bytes:
        """Return the 32 bytes by which outsiders check a client's signature.

        :raises KeyRefused: nobody vouches for the key
        """
        return self._trust.vouch(bytes.fromhex(key_id)).verifying.ed25519


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
    row = Record.objects.filter(client=client).select_related("version").order_by("-signed_at").first()
    if row is None:
        raise NoRecord(client)
    return row


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
    :raises TextAltered: the version is no longer the text that was signed
    :raises NoGrant: this reader waits for the key
    """
    receipt.covers_client(client.audit_handle)
    vault = shared_vault(by=by, client=client)
    envelope = vault.unseal(row.sealed_envelope, bound_to=(ENVELOPE, row.record_id), receipt=receipt).encode()
    keys = KnownKeys(require_open(by.keys))
    verified = verify_record(envelope, subject=client.pk, find_key=keys.find)
    facts, text = cast("dict[str, Any]", verified.facts), published(row.version)
    # Text, screens and hash may have been altered all together: the client's signature names the hash that was read.
    if facts["document"]["sha256"] != text.facts.sha256:
        raise TextAltered
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
