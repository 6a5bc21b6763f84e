"""The end of keys: when nothing wraps a vault's key any more, what it sealed is noise."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from keys.hanging import erase
from keys.models import Certificate, Generation, Grant, HeldGrant, Identity, InvitationKey, Vault
from keys.models.readership import Heir

# Copies in the stream of keys open what was destroyed until then (decision 8).
BACKUPS_KEEP_KEYS = timedelta(days=35)


@dataclass(frozen=True)
class DestroyedKeys:
    """How many vaults and wrapped keys went, and the commitments to the keys that they held."""

    vaults: int
    grants: int
    commits: tuple[bytes, ...]


def destroy_vaults(*, subject: UUID) -> DestroyedKeys:
    """Destroy every vault about a subject: grants of all generations, the recovery key's too, and commitments.

    Needs no key. Belongs inside the transaction that destroys the texts.
    """
    vaults = Vault.objects.filter(subject=subject)
    held = HeldGrant.objects.filter(vault__in=vaults).count()
    destroyed = DestroyedKeys(
        vaults=vaults.count(),
        grants=Grant.objects.filter(vault__in=vaults).count() + held,
        commits=tuple(bytes(row.commit) for row in Generation.objects.filter(vault__in=vaults)),
    )
    erase(vaults)
    for kind in (Certificate, InvitationKey):
        kind.objects.filter(subject=subject).delete()
    return destroyed


def destroy_identities(*, holder: UUID) -> None:
    """Destroy every pair of keys of a holder whose account goes, retired ones too, and what certified them."""
    for kind in (Certificate, Heir):
        kind.objects.filter(holder=holder).delete()
    erase(Identity.objects.filter(holder=holder))


def fingerprint_of_destroyed(*, commits: Iterable[bytes], texts: Iterable[bytes]) -> str:
    """Compute what a tombstone keeps of keys and ciphertexts: 64 hex digits that tell nothing, and prove which it was.

    :param commits: commitments to keys of vaults
    :param texts: the SHA-256 of each sealed text: a record's files may be more than fits into memory
    """
    hashes = [*(hashlib.sha256(commit).digest() for commit in commits), *texts]
    return hashlib.sha256(b"".join(sorted(hashes))).hexdigest()
