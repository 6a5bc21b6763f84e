"""Whom to believe: certificate chains that end in the root pinned in the reader's own bundle."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from keys.errors import KeyRefused
from keys.models import Certificate, Identity, InvitationKey, Revocation, Root
from keys.prepared import Prepared
from keys.signing import VerifyingKey
from keys.statements import (
    CertificateStatement,
    InvitationStatement,
    Kind,
    RevocationStatement,
    key_id_of,
)

_LONGEST_CHAIN = 8
# Below whoever works here there is room for an invitation, and for the client who takes it up.
LONGEST_OF_STAFF = _LONGEST_CHAIN - 2


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
    retired: bool  # says the row, which nobody signed: it can only close
    above: int  # certificates between this one and the root; an invitation counts as one


@dataclass(frozen=True)
class _Issuer:
    """Who signed a certificate, once they were held to the table."""

    key: VerifyingKey
    above: int
    by_invitation: bool = False


class Trust:
    """Verifies chains up to one pinned root; remembers within one request what it has already verified."""

    def __init__(self, root_id: bytes) -> None:
        self.root_id = root_id
        self._done: dict[int, Vouched] = {}
        self._root: VerifyingKey | None = None

    def vouch(self, key_id: bytes, *, subject: UUID | None = None, cert_hash: bytes | None = None) -> Vouched:
        """Find a certificate for this key that the pinned root stands behind, one made by a person first.

        :param subject: for a client's key, whose client record it must be certified for
        :param cert_hash: exactly this certificate, for commitments made under an older one
        :raises KeyRefused: none holds; the reason of the first one tried is given
        """
        rows = [row for row in _certificates.all(key_id=key_id) if subject in (None, row.subject)]
        found, refusal = self._verify_all(rows)
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
        # Two keys may certify each other, so the way up ends here and not only at the root.
        if depth > _LONGEST_CHAIN:
            raise KeyRefused("chain_too_long")
        if row.pk not in self._done:
            self._done[row.pk] = self._verify_anew(row, depth)
        # What was verified from further up was a shorter chain then.
        if depth + self._done[row.pk].above > _LONGEST_CHAIN:
            raise KeyRefused("chain_too_long")
        return self._done[row.pk]

    def _verify_anew(self, row: Certificate, depth: int) -> Vouched:
        statement = certificate_statement(row)
        identity = _matching_identity(statement, self.root_id)
        issuer = self._issuer(statement, depth)
        encoded = statement.encode()
        if not issuer.key.verify(bytes(row.signature), encoded):
            raise KeyRefused("certificate_signature")
        return Vouched(
            key_id=statement.key_id,
            holder=statement.holder,
            kind=Kind(statement.kind),
            may_certify=bool(statement.may_certify),
            subject=statement.subject,
            kem_public=bytes(identity.kem_public),
            verifying=VerifyingKey(bytes(identity.sig_public)),
            cert_hash=hashlib.sha256(encoded).digest(),
            by_root=statement.issuer == self.root_id,
            by_invitation=issuer.by_invitation,
            retired=identity.retired_at is not None,
            above=issuer.above,
        )

    def _issuer(self, statement: CertificateStatement, depth: int) -> _Issuer:
        """Find who signed, and hold them to the table: who may issue what."""
        if statement.may_certify and statement.kind != Kind.STAFF:
            raise KeyRefused("only_staff_certify")
        if statement.issuer == self.root_id:
            return _Issuer(self.root_key(), above=0)
        if statement.kind == Kind.RECOVERY:
            raise KeyRefused("recovery_issuer")
        invitation = _invitation_key.first(key_id=statement.issuer)
        if invitation is not None:
            return self._invitation(invitation, statement, depth)
        staff = self._staff(statement.issuer, depth, issued_at=statement.issued_at)
        if statement.kind == Kind.STAFF and not staff.may_certify:
            raise KeyRefused("issuer_may_not_certify")
        return _Issuer(staff.verifying, above=staff.above + 1)

    def _invitation(self, row: InvitationKey, cert: CertificateStatement, depth: int) -> _Issuer:
        invitation = invitation_statement(row)
        key = VerifyingKey(bytes(row.sig_public))
        fits = (
            invitation.root == self.root_id
            and invitation.kind == cert.kind == Kind.CLIENT
            and invitation.subject == cert.subject
            and invitation.holder == cert.holder
            and invitation.issued_at <= cert.issued_at <= invitation.expires_at
            and invitation.key_id == key.fingerprint[:16]
        )
        if not fits:
            raise KeyRefused("invitation_mismatch")
        inviter = self._staff(invitation.issuer, depth + 1, issued_at=invitation.issued_at)
        if not inviter.verifying.verify(bytes(row.signature), invitation.encode()):
            raise KeyRefused("invitation_signature")
        return _Issuer(key, above=inviter.above + 2, by_invitation=True)

    def _staff(self, key_id: bytes, depth: int, *, issued_at: datetime) -> Vouched:
        refusal = None
        for row in _certificates.all(key_id=key_id):
            if row.kind != Kind.STAFF:
                continue
            try:
                vouched = self._verify(row, depth + 1)
            except KeyRefused as error:
                refusal = refusal or error
                continue
            if self._is_revoked(key_id, issued_at, depth):
                raise KeyRefused("issuer_revoked")
            return vouched
        raise refusal or KeyRefused("issuer_unknown")

    def is_revoked(self, key_id: bytes, *, at: datetime) -> bool:
        """Say whether a key had ended by then, by the newest revocation that somebody signed who may."""
        return self._is_revoked(key_id, at, 0)

    def _is_revoked(self, key_id: bytes, issued_at: datetime, depth: int) -> bool:
        """Say whether the newest revocation that really was signed came before `issued_at`."""
        # A row that nobody signed must neither end a key nor hide the revocation below it.
        for row in _revocations.all(key_id=key_id):
            if self._revokes(revocation_statement(row), bytes(row.signature), depth):
                return issued_at > row.since
        return False

    def _revokes(self, statement: RevocationStatement, signature: bytes, depth: int) -> bool:
        try:
            key = self.root_key() if statement.issuer == self.root_id else self._certifier(statement, depth)
        except KeyRefused:
            return False
        return statement.root == self.root_id and key.verify(signature, statement.encode())

    def _certifier(self, statement: RevocationStatement, depth: int) -> VerifyingKey:
        issuer = self._staff(statement.issuer, depth + 1, issued_at=statement.since)
        if not issuer.may_certify:
            raise KeyRefused("issuer_may_not_certify")
        return issuer.verifying

    def root_key(self) -> VerifyingKey:
        """Return the root's public halves, believed only because their hash is the pinned id (SHA-256).

        :raises KeyRefused: the stored root is another one
        """
        if self._root is None:
            row = _root.first(root_id=self.root_id)
            key = VerifyingKey(bytes(row.sig_public)) if row else None
            if key is None or key.fingerprint != self.root_id:
                raise KeyRefused("changed_root")
            self._root = key
        return self._root


def _matching_identity(statement: CertificateStatement, root_id: bytes) -> Identity:
    if statement.root != root_id:
        raise KeyRefused("changed_root")
    identity = _identity.first(key_id=statement.key_id, holder=statement.holder)
    if identity is None:
        raise KeyRefused("no_such_key")
    kem, sig = bytes(identity.kem_public), bytes(identity.sig_public)
    same = hashlib.sha256(kem).digest() == statement.kem_hash and hashlib.sha256(sig).digest() == statement.sig_hash
    if not same or key_id_of(kem, sig) != statement.key_id:
        raise KeyRefused("public_key_changed")
    return identity


@Prepared
def _certificates(key_id: bytes) -> QuerySet[Certificate]:
    return Certificate.objects.filter(key_id=key_id).order_by("-issued_at", "-id")


@Prepared
def _identity(key_id: bytes, holder: UUID) -> QuerySet[Identity]:
    return Identity.objects.filter(key_id=key_id, holder=holder)


@Prepared
def _invitation_key(key_id: bytes) -> QuerySet[InvitationKey]:
    return InvitationKey.objects.filter(key_id=key_id)


@Prepared
def _revocations(key_id: bytes) -> QuerySet[Revocation]:
    return Revocation.objects.filter(key_id=key_id).order_by("-number")


@Prepared
def _root(root_id: bytes) -> QuerySet[Root]:
    return Root.objects.filter(root_id=root_id)


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
