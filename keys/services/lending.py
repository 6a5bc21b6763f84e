"""Grants that end by themselves: keys that are lent for a time, and what is left of them once it is over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from keys.keyring import Keys, require_open
from keys.models import Grant, HeldGrant, Identity, Vault
from keys.prepared import Prepared
from keys.services.generations import live_grants
from keys.services.holding import flag_vaults, vaults_at
from keys.services.places import Place
from keys.services.readers import sign_end
from keys.statements import VaultKind


def end_loans(*, by: Keys, place: Place, holder: UUID, at: datetime) -> int:
    """Delete a person's grants on the vault at a place that would end by themselves, and have its key replaced.

    That they end is signed. What the person is given at the same moment comes after that.

    :returns: how many grants were deleted
    """
    mine = Identity.objects.filter(holder=holder).values("key_id")
    loans = Grant.objects.filter(vault__in=vaults_at([place]), grantee__in=mine, expires_at__isnull=False)
    with transaction.atomic():
        vaults = set(loans.values_list("vault", flat=True))
        for vault in vaults:
            sign_end(vault, by=require_open(by), holder=holder, since=at, at=at)
        flag_vaults(Vault.objects.filter(pk__in=vaults), at=at)
        deleted, _ = loans.delete()
    return deleted


def holds_for_good(*, key_id: bytes, place: Place) -> bool:
    """Say whether this key is a grantee of the vault at a place, by a grant that does not end by itself."""
    return Grant.objects.filter(vault__in=vaults_at([place]), grantee=key_id, expires_at=None).exists()


def subjects_lacked(*, key_id: bytes, subjects: Iterable[UUID], kinds: Iterable[VaultKind]) -> set[UUID]:
    """Say about which subjects there is a vault of these kinds whose current key is not wrapped to this key."""
    current = live_grants().filter(grantee=key_id, generation__gte=F("vault__current_generation")).values("vault")
    made = Vault.objects.filter(subject__in=list(subjects), kind__in=list(kinds))
    return set(made.exclude(pk__in=current).values_list("subject", flat=True))


def has_expired_grants(*, at: datetime) -> bool:
    """Say whether any grant has expired that nobody deleted yet."""
    return _expired.any(at=at) or _expired_held.any(at=at)


@Prepared
def _expired(at: datetime) -> QuerySet[Grant, int]:
    return Grant.objects.filter(expires_at__lte=at).values_list("pk", flat=True)[:1]


@Prepared
def _expired_held(at: datetime) -> QuerySet[HeldGrant, int]:
    return HeldGrant.objects.filter(expires_at__lte=at).values_list("pk", flat=True)[:1]
