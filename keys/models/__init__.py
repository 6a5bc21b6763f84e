"""Carriers of public keys, statements and wraps. Nothing here opens without a person's passphrase."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from keys.models.readership import Heir, Reader, ReaderEnd  # noqa: F401 (models, in a file of their own)
from keys.statements import Kind, VaultKind


def _choices(kinds: type[Kind] | type[VaultKind]) -> list[tuple[str, str]]:
    return [(kind.value, kind.value) for kind in kinds]


class Root(models.Model):
    """The practice signing root: public halves only. Believed because its hash is pinned in every bundle."""

    root_id = models.BinaryField(primary_key=True, max_length=32)
    sig_public = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return bytes(self.root_id).hex()[:16]


class Identity(models.Model):
    """One pair of keys of one holder. `sealed_bundle` is empty for the practice recovery key, whose seed is printed.

    A pair that was retired keeps its public halves, so that what it certified and signed still verifies.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    holder = models.UUIDField(db_index=True)
    key_id = models.BinaryField(max_length=16, unique=True)
    kem_public = models.BinaryField()
    sig_public = models.BinaryField()
    epoch = models.PositiveIntegerField(default=1)
    sealed_bundle = models.BinaryField()
    recovery_serial = models.UUIDField(null=True)
    sealed_recovery = models.BinaryField(default=b"")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["holder"], condition=Q(retired_at__isnull=True), name="one_current_key_per_holder"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(sealed_bundle=b"", sealed_recovery=b""),
                name="retired_keys_open_nowhere",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Certificate(models.Model):
    """A signed statement that a key is its holder's (`cert/v1`)."""

    key_id = models.BinaryField(max_length=16, db_index=True)
    root = models.BinaryField(max_length=32)
    holder = models.UUIDField(db_index=True)
    kem_hash = models.BinaryField(max_length=32)
    sig_hash = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=10, choices=_choices(Kind))
    may_certify = models.BooleanField(default=False)
    subject = models.UUIDField(null=True)
    issuer = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    signature = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(may_certify=False) | Q(kind=Kind.STAFF), name="only_staff_certify"),
            models.CheckConstraint(
                condition=Q(kind=Kind.CLIENT, subject__isnull=False) | (~Q(kind=Kind.CLIENT) & Q(subject__isnull=True)),
                name="client_certificates_name_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return str(self.holder)


class InvitationKey(models.Model):
    """A signed statement that a one-time key may certify one client (`invite/v1`)."""

    invitation = models.UUIDField(unique=True)
    key_id = models.BinaryField(max_length=16, unique=True)
    root = models.BinaryField(max_length=32)
    sig_public = models.BinaryField()
    holder = models.UUIDField()
    subject = models.UUIDField()
    kind = models.CharField(max_length=10, choices=_choices(Kind))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    issuer = models.BinaryField(max_length=32)
    signature = models.BinaryField()

    def __str__(self) -> str:
        return str(self.invitation)


class Revocation(models.Model):
    """A signed statement that a key no longer vouches (`revoke/v1`)."""

    key_id = models.BinaryField(max_length=16, db_index=True)
    root = models.BinaryField(max_length=32)
    number = models.PositiveIntegerField()
    since = models.DateTimeField()
    issuer = models.BinaryField(max_length=32)
    signature = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key_id", "number"], name="one_revocation_per_number"),
        ]

    def __str__(self) -> str:
        return f"{bytes(self.key_id).hex()}/{self.number}"


class PracticeKey(models.Model):
    """A signed statement of the practice's own public key (`key/v1`). The seed lies outside the database."""

    name = models.CharField(max_length=10)
    public = models.BinaryField(max_length=32)
    root = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class RecoveryShare(models.Model):
    """The practice's recovery seed, sealed under one set of printed codes."""

    subset = models.CharField(max_length=40, unique=True)
    sealed_seed = models.BinaryField()

    def __str__(self) -> str:
        return self.subset


class SheetProof(models.Model):
    """What shows that a typed code stands on one of the printed recovery sheets. It opens nothing."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    proof = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.number)


class Vault(models.Model):
    """One key's worth of texts about one subject. It does not know whose; readers state subject, kind and author.

    `rotate_since` says since when its key waits to be replaced, or its older texts to be sealed anew: null is neither.
    `wanted_generation` is the one that answers the latest reason to replace the key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField()
    kind = models.CharField(max_length=10, choices=_choices(VaultKind))
    author = models.UUIDField(null=True)
    current_generation = models.PositiveIntegerField(default=1)
    wanted_generation = models.PositiveIntegerField(default=1)
    rotate_since = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["rotate_since"], condition=Q(rotate_since__isnull=False), name="vaults_that_wait"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject", "kind"], condition=Q(author__isnull=True), name="one_vault_of_a_kind"
            ),
            models.UniqueConstraint(fields=["subject", "kind", "author"], name="one_vault_per_author"),
            models.CheckConstraint(
                condition=Q(kind=VaultKind.PROCESS, author__isnull=False)
                | (~Q(kind=VaultKind.PROCESS) & Q(author__isnull=True)),
                name="only_process_vaults_have_an_author",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Generation(models.Model):
    """The signed commitment to one generation's key, and to those it was made for (`gen/v2`).

    `readers` is their list (`keys.statements.write_readers`), empty where readers were not signed yet (`gen/v1`).
    """

    vault = models.ForeignKey(Vault, on_delete=models.PROTECT)
    generation = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    suite = models.PositiveSmallIntegerField()
    commit = models.BinaryField(max_length=32)
    prev = models.BinaryField(max_length=32)
    maker = models.BinaryField(max_length=16)
    maker_cert_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    readers = models.BinaryField(default=b"")
    signature = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vault", "generation"], name="one_commitment_per_generation"),
        ]

    def __str__(self) -> str:
        return f"{self.vault_id}/{self.generation}"


class Grant(models.Model):
    """A vault's key, wrapped to one reader. `accepted` is that reader's own mark on the commitment.

    Nobody signs it: whether it goes on is what `Generation.readers` and `Reader` say. After `expires_at` it opens
    nothing (null: it stays).
    """

    vault = models.ForeignKey(Vault, on_delete=models.PROTECT)
    generation = models.PositiveIntegerField()
    grantee = models.BinaryField(max_length=16, db_index=True)
    wrap = models.BinaryField()
    granted_by = models.BinaryField(max_length=16)
    granted_at = models.DateTimeField()
    accepted = models.BinaryField(default=b"")
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vault", "generation", "grantee"], name="one_grant_per_reader"),
        ]

    def __str__(self) -> str:
        return f"{self.vault_id}/{self.generation}"


class HeldBundle(models.Model):
    """What opens one person's keys, out of reach since a restore brought it back, until a manager lets it open."""

    identity = models.OneToOneField(Identity, on_delete=models.CASCADE)
    epoch = models.PositiveIntegerField()
    sealed_bundle = models.BinaryField()
    sealed_recovery = models.BinaryField()

    def __str__(self) -> str:
        return str(self.identity_id)


class HeldGrant(models.Model):
    """A grant that had been taken away and that a restore brought back, out of reach until a manager lets it open."""

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE)
    generation = models.PositiveIntegerField()
    grantee = models.BinaryField(max_length=16)
    wrap = models.BinaryField()
    granted_by = models.BinaryField(max_length=16)
    granted_at = models.DateTimeField()
    accepted = models.BinaryField()
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.vault_id}/{self.generation}"


class Successor(models.Model):
    """Keys that somebody made in place of lost ones. They are nobody's until a recovery ceremony certifies them."""

    holder = models.UUIDField(primary_key=True)
    key_id = models.BinaryField(max_length=16)
    kem_public = models.BinaryField()
    sig_public = models.BinaryField()
    verifier = models.CharField(max_length=128)
    sealed_bundle = models.BinaryField()
    recovery_serial = models.UUIDField()
    sealed_recovery = models.BinaryField()
    made_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.holder)
