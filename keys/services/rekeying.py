"""A new pair of keys for somebody who had another: what the old one opened is wrapped to the new one."""

from datetime import datetime
from uuid import UUID

from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.models import Generation, Grant, HeldBundle, Identity, Vault
from keys.services.certifying import Issuer, issue_certificate, require_room
from keys.services.generations import believe, grant_info, live_grants, statement_of
from keys.services.holding import flag_vaults
from keys.services.identities import make_identity
from keys.services.places import Place
from keys.services.readers import sign_heir
from keys.services.replacing import revoke_key
from keys.services.storing import Change, change_rows
from keys.services.trust import Trust
from keys.statements import Kind, VaultKind
from keys.wrapping import wrap


def retire_identity(*, holder: UUID, at: datetime) -> None:
    """End somebody's current pair of keys; its public halves stay, so that what it signed and certified still verifies.

    The caller closes the sessions, which hold the keys sealed apart from this.
    """
    current = Identity.objects.filter(holder=holder, retired_at=None)
    HeldBundle.objects.filter(identity__in=current).delete()
    current.update(retired_at=at, sealed_bundle=b"", recovery_serial=None, sealed_recovery=b"")


def replace_pair(*, old: Keyring, kek: bytes, at: datetime) -> Keyring:
    """Give somebody new keys while the old ones are open: retire those, and wrap what they open to the new ones.

    Who may certify vouches for the new pair with the old one, and ends the old one with the new. Anybody else, or where
    the chain of certificates would grow too long, opens what is theirs, and is vouched for again once a colleague has
    compared their words. Belongs inside a transaction.

    :param kek: of the new passphrase
    """
    certifies = vouches_for_next(old)
    retire_identity(holder=old.holder, at=at)
    new = make_identity(holder=old.holder, kek=kek, root_id=old.root_id, at=at)
    rewrap_mine(old=old, new=new, at=at)
    if certifies:
        identity = Identity.objects.get(key_id=new.key_id)
        issue_certificate(Issuer.person(old), identity, kind=Kind.STAFF, may_certify=True, subject=None, at=at)
        revoke_key(Issuer.person(new), key_id=old.key_id, since=at)
    return new


def rewrap_mine(*, old: Keyring, new: Keyring, at: datetime) -> int:
    """Wrap everything that `old` opens to `new` in the place of `old`, and have those vaults' keys replaced.

    One signature of `old` names `new` its heir: what nobody signed for `old`, nobody did for `new`. A grant that `old`
    itself would not believe stays where it is, and opens nothing. Belongs inside a transaction.

    :returns: how many grants were wrapped anew
    """
    grants = list(live_grants().filter(grantee=old.key_id).select_related("vault"))
    vaults = {grant.vault_id for grant in grants}
    # What was believed before has its reader's mark: its signature is not looked at again.
    rows = Generation.objects.filter(vault__in=vaults).defer("signature")
    commitments = {(row.vault_id, row.generation): row for row in rows}
    trust = Trust(old.root_id)
    changes = [
        change
        for grant in grants
        if (change := _wrapped_anew(old, new, trust, grant, commitments.get((grant.vault_id, grant.generation)), at))
    ]
    change_rows(Grant, changes)
    sign_heir(Issuer.person(old), holder=old.holder, old=old.key_id, new=new.key_id, at=at)
    flag_vaults(Vault.objects.filter(pk__in=vaults), at=at)
    return len(changes)


def vouches_for_next(keyring: Keyring) -> bool:
    """Say whether somebody may certify, and so near the root that the next pair and a colleague below it have room."""
    try:
        me = Trust(keyring.root_id).vouch(keyring.key_id)
        require_room(me, below=2)
    except KeyRefused:
        return False
    return me.may_certify


def _wrapped_anew(
    old: Keyring, new: Keyring, trust: Trust, grant: Grant, commitment: Generation | None, at: datetime
) -> Change | None:
    vault = grant.vault
    place = Place(VaultKind(vault.kind), vault.subject, vault.author)
    try:
        key = believe(old, trust, place, grant, commitment)
    except KeyRefused:
        return None
    assert commitment is not None  # noqa: S101 (what was believed has one)
    info = grant_info(new.root_id, vault.pk, grant.generation, new.key_id, new.seeds.kem_public)
    anew = {
        "grantee": new.key_id,
        "wrap": wrap(key, to=new.seeds.kem_public, info=info),
        "granted_by": old.key_id,
        "granted_at": at,
        "accepted": new.acceptance(statement_of(place, commitment).encode()),
    }
    return Change(grant.pk, anew)
