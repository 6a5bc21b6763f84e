"""Whom to believe: certificate chains that end in the root pinned in the reader's own bundle."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from keys.errors import KeyRefused
from keys.models import Certificate, Identity, InvitationKey, Revocation, Root
from keys.signing import VerifyingKey
from keys.statements import (
    CertificateStatement,
    InvitationStatement,
    Kind,
    RevocationStatement,
)

_LONGEST_CHAIN = 8


@dataclass(frozen=True)
class Vouched:
    """A key whose owner the root vouches for."""

    key_id: bytes
    holder: UUID
    kind: Kind
    may_certify: bool
    subject: UUID | None
    kem_public: bytes
    verifying: VerifyingKey
    cert_hash: bytes
    by_root: bool
    by_invitation: bool


class Trust:
    """Verifies chains up to one pinned root; remembers within one request what it has already verified."""

    def __init__(self, root_id: bytes) -> None:
        self.root_id = root_id
        self._done: dict[int, Vouched] = {}

    def vouch(self, key_id: bytes, *, subject: UUID | None = None, cert_hash: bytes | None = None) -> Vouched:
        """Find a certificate for this key that the pinned root stands behind, one made by a person first.

        :param subject: for a client's key, whose client record it must be certified for
        :param cert_hash: exactly this certificate, for commitments made under an older one
        :raises KeyRefused: none holds; the reason of the first one tried is given
        """
        rows = Certificate.objects.filter(key_id=key_id).order_by("-issued_at", "-id")
        if subject is not None:
            rows = rows.filter(subject=subject)
        found, refusal = self._verify_all(list(rows))
        if cert_hash is not None:
            found = [vouched for vouched in found if vouched.cert_hash == cert_hash]
        if not found:
            raise refusal or KeyRefused("not_certified")
        return min(found, key=lambda vouched: vouched.by_invitation)

    def _verify_all(self, rows: list[Certificate]) -> tuple[list[Vouched], KeyRefused | None]:
        found, refusal = [], None
        for row in rows:
            try:
                found.append(self._verify(row, 0))
            except KeyRefused as error:
                refusal = refusal or error
        return found, refusal

    def _verify(self, row: Certificate, depth: int) -> Vouched:
        if row.pk in self._done:
            return self._done[row.pk]
        if depth > _LONGEST_CHAIN:
            raise KeyRefused("chain_too_long")
        statement = certificate_statement(row)
        identity = _matching_identity(statement, self.root_id)
        by_invitation, issuer_key = self._issuer(statement, depth)
        encoded = statement.encode()
        if not issuer_key.verify(bytes(row.signature), encoded):
            raise KeyRefused("certificate_signature")
        vouched = Vouched(
            key_id=statement.key_id,
            holder=statement.holder,
            kind=Kind(statement.kind),
            may_certify=bool(statement.may_certify),
            subject=statement.subject,
            kem_public=bytes(identity.kem_public),
            verifying=VerifyingKey(bytes(identity.sig_public)),
            cert_hash=hashlib.sha256(encoded).digest(),
            by_root=statement.issuer == self.root_id,
            by_invitation=by_invitation,
        )
        self._done[row.pk] = vouched
        return vouched

    def _issuer(self, statement: CertificateStatement, depth: int) -> tuple[bool, VerifyingKey]:
        """Find who signed, and hold them to the table: who may issue what."""
        if statement.may_certify and statement.kind != Kind.STAFF:
            raise KeyRefused("only_staff_certify")
        if statement.issuer == self.root_id:
            return False, self.root_key()
        if statement.kind == Kind.RECOVERY:
            raise KeyRefused("recovery_issuer")
        invitation = InvitationKey.objects.filter(key_id=statement.issuer).first()
        if invitation is not None:
            return True, self._invitation_key(invitation, statement, depth)
        staff = self._staff(statement.issuer, depth, issued_at=statement.issued_at)
        if statement.kind == Kind.STAFF and not staff.may_certify:
            raise KeyRefused("issuer_may_not_certify")
        return False, staff.verifying

    def _invitation_key(self, row: InvitationKey, cert: CertificateStatement, depth: int) -> VerifyingKey:
        invitation = invitation_statement(row)
        key = VerifyingKey(bytes(row.sig_public))
        fits = (
            invitation.root == self.root_id
            and invitation.kind == cert.kind == Kind.CLIENT
            and invitation.subject == cert.subject
            and invitation.holder == cert.holder
            and invitation.issued_at <= cert.issued_at <= invitation.expires_at
            and key.fingerprint == invitation.sig_hash
        )
        if not fits:
            raise KeyRefused("invitation_mismatch")
        inviter = self._staff(invitation.issuer, depth, issued_at=invitation.issued_at)
        if not inviter.verifying.verify(bytes(row.signature), invitation.encode()):
            raise KeyRefused("invitation_signature")
        return key

    def _staff(self, key_id: bytes, depth: int, *, issued_at: datetime) -> Vouched:
        for row in Certificate.objects.filter(key_id=key_id, kind=Kind.STAFF).order_by("-issued_at"):
            try:
                vouched = self._verify(row, depth + 1)
            except KeyRefused:
                continue
            self._check_not_revoked(key_id, issued_at, depth)
            return vouched
        raise KeyRefused("issuer_unknown")

    def _check_not_revoked(self, key_id: bytes, issued_at: datetime, depth: int) -> None:
        row = Revocation.objects.filter(key_id=key_id).order_by("-number").first()
        if row is None or issued_at <= row.since:
            return
        statement = revocation_statement(row)
        key = self.root_key()
        if statement.issuer != self.root_id:
            issuer = self._staff(statement.issuer, depth + 1, issued_at=statement.since)
            if not issuer.may_certify:
                return
            key = issuer.verifying
        if key.verify(bytes(row.signature), statement.encode()):
            raise KeyRefused("issuer_revoked")

    def root_key(self) -> VerifyingKey:
        """Return the root's public halves, believed only because their hash is the pinned id (SHA-256).

        :raises KeyRefused: the stored root is another one
        """
        row = Root.objects.filter(root_id=self.root_id).first()
        if row is None:
            raise KeyRefused("changed_root")
        key = VerifyingKey(bytes(row.sig_public))
        if key.fingerprint != self.root_id:
            raise KeyRefused("changed_root")
        return key


def _matching_identity(statement: CertificateStatement, root_id: bytes) -> Identity:
    if statement.root != root_id:
        raise KeyRefused("changed_root")
    identity = Identity.objects.filter(key_id=statement.key_id, holder=statement.holder).first()
    if identity is None:
        raise KeyRefused("no_such_key")
    same_kem = hashlib.sha256(bytes(identity.kem_public)).digest() == statement.kem_hash
    same_sig = hashlib.sha256(bytes(identity.sig_public)).digest() == statement.sig_hash
    if not (same_kem and same_sig):
        raise KeyRefused("public_key_changed")
    return identity


def certificate_statement(row: Certificate) -> CertificateStatement:
    """Rebuild the signed statement from its row."""
    return CertificateStatement(
        root=bytes(row.root),
        holder=row.holder,
        key_id=bytes(row.key_id),
        kem_hash=bytes(row.kem_hash),
        sig_hash=bytes(row.sig_hash),
        kind=row.kind,
        may_certify=int(row.may_certify),
        subject=row.subject,
        issuer=bytes(row.issuer),
        issued_at=row.issued_at,
    )


def invitation_statement(row: InvitationKey) -> InvitationStatement:
    """Rebuild the signed statement from its row."""
    return InvitationStatement(
        root=bytes(row.root),
        invitation=row.invitation,
        key_id=bytes(row.key_id),
        sig_hash=VerifyingKey(bytes(row.sig_public)).fingerprint,
        holder=row.holder,
        subject=row.subject,
        kind=row.kind,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        issuer=bytes(row.issuer),
    )


def revocation_statement(row: Revocation) -> RevocationStatement:
    """Rebuild the signed statement from its row."""
    return RevocationStatement(
        root=bytes(row.root), key_id=bytes(row.key_id), number=row.number, since=row.since, issuer=bytes(row.issuer)
    )
