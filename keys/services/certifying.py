"""Signing certificates, and refusing to sign the wrong ones."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from keys.context import encode
from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.models import Certificate, Identity, InvitationKey
from keys.services.identities import current_identity
from keys.services.trust import LONGEST_OF_STAFF, Trust, Vouched
from keys.signing import SigningKey
from keys.statements import CertificateStatement, InvitationStatement, Kind, key_id_of
from keys.words import fingerprint_words


@dataclass(frozen=True)
class Issuer:
    """Something that signs certificates: the root, a person, or an invitation. `key_id` is 16 bytes, the root's 32."""

    key_id: bytes
    root_id: bytes
    signer: SigningKey

    @classmethod
    def person(cls, keyring: Keyring) -> "Issuer":
        return cls(keyring.key_id, keyring.root_id, keyring.seeds.signer)


@dataclass(frozen=True, repr=False)
class InvitationSeeds:
    """The one-time signing key inside an invitation: two 32-byte seeds."""

    mldsa: bytes
    ed25519: bytes

    @classmethod
    def fresh(cls) -> "InvitationSeeds":
        return cls(os.urandom(32), os.urandom(32))

    @property
    def signer(self) -> SigningKey:
        return SigningKey(mldsa_seed=self.mldsa, ed25519_seed=self.ed25519)

    @property
    def key_id(self) -> bytes:
        return self.signer.public.fingerprint[:16]

    def issuer(self, root_id: bytes) -> Issuer:
        return Issuer(self.key_id, root_id, self.signer)


def fingerprint(*, root_id: bytes, holder: UUID, kem_public: bytes, sig_public: bytes) -> bytes:
    """Hash what two people compare by voice before one certifies the other: 32 bytes."""
    return hashlib.sha256(encode("fingerprint/v1", root_id, holder, kem_public, sig_public)).digest()


def fingerprint_of_mine(keyring: Keyring) -> str:
    """Six words of my own open keys and my own pinned root: what I read aloud."""
    return fingerprint_words(fingerprint_of_seeds(keyring))


def fingerprint_of_seeds(keyring: Keyring) -> bytes:
    """Hash my own open keys under my own pinned root, from no row."""
    seeds = keyring.seeds
    return fingerprint(
        root_id=keyring.root_id,
        holder=keyring.holder,
        kem_public=seeds.kem_public,
        sig_public=seeds.signer.public.raw,
    )


def fingerprint_of_row(*, by: Keyring, holder: UUID) -> bytes:
    """Hash the public keys that the database shows for `holder`, under my own pinned root."""
    return fingerprint_under(by.root_id, _current_identity(holder))


def certify_staff(*, by: Keyring, holder: UUID, seen: bytes, may_certify: bool, at: datetime) -> None:
    """Vouch for a colleague whose words I have compared.

    :param seen: the 32-byte fingerprint that was on my page
    :raises KeyRefused: the keys changed since the page was shown, I may not certify, or ``chain_too_long``: my own keys
        are too far from the root. Belongs inside a transaction, which this undoes
    """
    identity = _current_identity(holder)  # read once: what was compared is what gets signed
    if fingerprint_under(by.root_id, identity) != seen:
        raise KeyRefused("fingerprint_changed")
    if not Trust(by.root_id).vouch(by.key_id).may_certify:
        raise KeyRefused("issuer_may_not_certify")
    issue_certificate(Issuer.person(by), identity, kind=Kind.STAFF, may_certify=may_certify, subject=None, at=at)
    require_room(Trust(by.root_id).vouch(bytes(identity.key_id)), below=0)


def require_room(staff: Vouched, *, below: int) -> None:
    """Hold a colleague's place in the chain of certificates to what leaves room for those below.

    :param below: how many more of the staff are to have room
    :raises KeyRefused: ``chain_too_long``: clients of theirs could not be believed any more
    """
    if staff.above + below > LONGEST_OF_STAFF:
        raise KeyRefused("chain_too_long")


def confirm_client(*, by: Keyring, holder: UUID, subject: UUID, at: datetime) -> None:
    """Vouch for a client's key after checking in the room who held the phone.

    :raises KeyRefused: I am no certified colleague, or the client's own certificate does not hold
    """
    trust = Trust(by.root_id)
    if trust.vouch(by.key_id).kind != Kind.STAFF:
        raise KeyRefused("issuer_unknown")
    identity = _current_identity(holder)
    trust.vouch(bytes(identity.key_id), subject=subject)
    issue_certificate(Issuer.person(by), identity, kind=Kind.CLIENT, may_certify=False, subject=subject, at=at)


def certify_by_invitation(*, by: Keyring, root_id: bytes, seeds: InvitationSeeds, subject: UUID, at: datetime) -> None:
    """Certify my own fresh keys with the one-time key of my invitation.

    :raises KeyRefused: the invitation pins another root than my bundle, or the database shows other keys than mine
    """
    if root_id != by.root_id:
        raise KeyRefused("changed_root")
    identity = _current_identity(by.holder)
    # Else whoever swapped the row would be certified in my name, and read what is wrapped to "me".
    if bytes(identity.key_id) != by.key_id:
        raise KeyRefused("public_key_changed")
    issue_certificate(seeds.issuer(root_id), identity, kind=Kind.CLIENT, may_certify=False, subject=subject, at=at)


def is_confirmed(*, by: Keyring, holder: UUID, subject: UUID) -> bool:
    """Say whether a colleague has vouched for this client's key, beyond the invitation."""
    return not Trust(by.root_id).vouch(key_id_of_holder(holder), subject=subject).by_invitation


def issue_invitation(
    *, by: Keyring, seeds: InvitationSeeds, invitation: UUID, holder: UUID, subject: UUID, at: datetime, until: datetime
) -> None:
    """Let a one-time key certify exactly this client, until then."""
    statement = InvitationStatement(
        root=by.root_id,
        invitation=invitation,
        key_id=seeds.key_id,
        sig_hash=seeds.signer.public.fingerprint,
        holder=holder,
        subject=subject,
        kind=Kind.CLIENT,
        issued_at=at,
        expires_at=until,
        issuer=by.key_id,
    )
    InvitationKey.objects.create(
        invitation=invitation,
        key_id=seeds.key_id,
        root=by.root_id,
        sig_public=seeds.signer.public.raw,
        holder=holder,
        subject=subject,
        kind=Kind.CLIENT,
        issued_at=at,
        expires_at=until,
        issuer=by.key_id,
        signature=by.sign(statement.encode()),
    )


def issue_certificate(
    by: Issuer, identity: Identity, *, kind: Kind, may_certify: bool, subject: UUID | None, at: datetime
) -> None:
    """Sign and store one certificate.

    :raises KeyRefused: the key's id is not the hash of its public halves, or its holder has a certificate of another
        kind
    """
    if key_id_of(bytes(identity.kem_public), bytes(identity.sig_public)) != bytes(identity.key_id):
        raise KeyRefused("public_key_changed")
    if Certificate.objects.filter(holder=identity.holder).exclude(kind=kind).exists():
        raise KeyRefused("one_kind_per_holder")
    statement = CertificateStatement(
        root=by.root_id,
        holder=identity.holder,
        key_id=bytes(identity.key_id),
        kem_hash=hashlib.sha256(bytes(identity.kem_public)).digest(),
        sig_hash=hashlib.sha256(bytes(identity.sig_public)).digest(),
        kind=kind,
        may_certify=int(may_certify),
        subject=subject,
        issuer=by.key_id,
        issued_at=at,
    )
    Certificate.objects.create(
        key_id=statement.key_id,
        root=statement.root,
        holder=statement.holder,
        kem_hash=statement.kem_hash,
        sig_hash=statement.sig_hash,
        kind=kind,
        may_certify=may_certify,
        subject=subject,
        issuer=by.key_id,
        issued_at=at,
        signature=by.signer.sign(statement.encode()),
    )


def vouch_for_holder(*, by: Keyring, holder: UUID, subject: UUID | None = None) -> Vouched:
    """Verify the chain of a person's current key under my pinned root.

    :raises KeyRefused: the chain does not hold
    """
    return Trust(by.root_id).vouch(key_id_of_holder(holder), subject=subject)


def key_id_of_holder(holder: UUID) -> bytes:
    """Look up the id of a person's key: a claim, to be vouched for before use."""
    return bytes(_current_identity(holder).key_id)


def fingerprint_under(root_id: bytes, identity: Identity) -> bytes:
    """Hash the public keys of a row, under a root."""
    return fingerprint(
        root_id=root_id,
        holder=identity.holder,
        kem_public=bytes(identity.kem_public),
        sig_public=bytes(identity.sig_public),
    )


def _current_identity(holder: UUID) -> Identity:
    identity = current_identity(holder)
    if identity is None:
        raise KeyRefused("no_such_key")
    return identity
