"""What could open something at one moment, by name alone; and what a restore brought back, kept out of reach.

A backup cannot know what was taken away after it: a colleague's grant, a passphrase that somebody had seen. So a
restore puts every person's bundle aside, and what does not stand in a later list stays there until a manager confirms.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from keys.models import Grant, HeldBundle, HeldGrant, Identity
from keys.statements import VaultKind

# For a database that nobody serves yet: it is put in order before anybody can open it. An empty substring is how both
# databases write no bytes; SQLite has none of what is empty already.
HOLD_ALL_BUNDLES = """
INSERT INTO keys_heldbundle (identity_id, epoch, sealed_bundle, sealed_recovery)
SELECT id, epoch, sealed_bundle, sealed_recovery FROM keys_identity WHERE length(sealed_bundle) > 0;
UPDATE keys_identity SET sealed_bundle = substr(sealed_bundle, 1, 0),
sealed_recovery = coalesce(substr(sealed_recovery, 1, 0), sealed_recovery)
WHERE id IN (SELECT identity_id FROM keys_heldbundle);
"""


@dataclass(frozen=True)
class Standing:
    """Every grant (``vault/generation/key id``) and every bundle (``key id/epoch/serial of the recovery code``)."""

    grants: frozenset[str]
    bundles: frozenset[str]


@dataclass(frozen=True)
class Held:
    """One thing out of reach: somebody's whole account, or one grant on the vault of `subject`."""

    name: str
    holder: UUID | None
    subject: UUID | None = None
    kind: VaultKind | None = None


def take_standing() -> Standing:
    """List what can open something now. Names only: nothing in it opens anything."""
    identities = Identity.objects.exclude(sealed_bundle=b"")
    return Standing(frozenset(map(_grant_name, Grant.objects.all())), frozenset(map(_bundle_name, identities)))


def held() -> list[Held]:
    """List what a restore put out of reach, accounts first."""
    bundles = HeldBundle.objects.select_related("identity").order_by("identity__made_at")
    grants = HeldGrant.objects.select_related("vault").order_by("granted_at")
    holders = {bytes(key_id): holder for key_id, holder in Identity.objects.values_list("key_id", "holder")}
    return [Held(_bundle_name(row.identity), row.identity.holder) for row in bundles] + [
        Held(_grant_name(row), holders.get(bytes(row.grantee)), row.vault.subject, VaultKind(row.vault.kind))
        for row in grants
    ]


def count_held() -> int:
    """Count what a restore put out of reach."""
    return HeldBundle.objects.count() + HeldGrant.objects.count()


def hold_revived_grants(known: Standing) -> None:
    """Put every grant out of reach that a later list does not have."""
    for grant in Grant.objects.all():
        if _grant_name(grant) not in known.grants:
            HeldGrant.objects.create(**_fields(grant))
            grant.delete()


@transaction.atomic
def release(names: Collection[str]) -> None:
    """Let what is named open again. What was replaced in the meantime only ceases to be kept aside."""
    for bundle in HeldBundle.objects.select_related("identity"):
        if _bundle_name(bundle.identity) in names:
            _put_back(bundle)
    for grant in HeldGrant.objects.all():
        if _grant_name(grant) in names:
            place = {"vault_id": grant.vault_id, "generation": grant.generation, "grantee": bytes(grant.grantee)}
            Grant.objects.get_or_create(**place, defaults=_fields(grant))
            grant.delete()


def _put_back(bundle: HeldBundle) -> None:
    # Only into the account that it was taken from: a new passphrase set since then is not undone.
    Identity.objects.filter(pk=bundle.identity_id, epoch=bundle.epoch, sealed_bundle=b"", retired_at=None).update(
        sealed_bundle=bundle.sealed_bundle, sealed_recovery=bundle.sealed_recovery
    )
    bundle.delete()


def _fields(grant: Grant | HeldGrant) -> dict[str, object]:
    names = ("vault_id", "generation", "grantee", "wrap", "granted_by", "granted_at", "accepted", "expires_at")
    return {name: getattr(grant, name) for name in names}


def _grant_name(grant: Grant | HeldGrant) -> str:
    return f"{grant.vault_id}/{grant.generation}/{bytes(grant.grantee).hex()}"


def _bundle_name(identity: Identity) -> str:
    return f"{bytes(identity.key_id).hex()}/{identity.epoch}/{identity.recovery_serial or ''}"
