"""What the practice recovery key opens: rehearsed once a year, and in earnest for a colleague who lost everything.

The recovery key is one more grantee of a vault. So it opens a vault as any reader does, with every check, and under the
strongest pin there is: the root that grows from the very seed that was typed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from keys.errors import KeyRefused, KeysError, NoGrant
from keys.keyring import Keyring
from keys.models import Certificate, Generation, Grant, Identity, Vault
from keys.services.certifying import Issuer, fingerprint_under, issue_certificate
from keys.services.founding import Founder
from keys.services.generations import believe, live_grants, wrap_grant
from keys.services.holding import flag_vaults
from keys.services.identities import current_identity
from keys.services.places import Place, may_read
from keys.services.readers import Readers, earliest, sign_heir
from keys.services.replacing import revoke_key
from keys.services.trust import Trust, Vouched
from keys.services.vaults import OpenVault, open_vaults, vouch_for_recovery
from keys.statements import Kind, VaultKind

_AT_ONCE = 100  # vaults in one transaction: about a quarter of a second, for which others wait to write


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal saw: `closed` should have opened and did not, `apart` is kept out of recovery by its authors."""

    opened: Mapping[VaultKind, int]
    closed: tuple[Place, ...]
    apart: int


@dataclass(frozen=True)
class Reach:
    """What somebody's lost keys opened: `back` are the vaults that recovery opens too, `gone` stays closed for good.

    `unsigned` are those of the latter where a row alone made them a reader.
    """

    back: tuple[Place, ...]
    gone: tuple[Place, ...]
    unsigned: tuple[Place, ...] = ()


def recovery_keyring(founder: Founder) -> Keyring:
    """Open the practice recovery key, if it is the one that every new vault is wrapped to.

    :raises KeyRefused: it is another one, or no certificate of it holds
    """
    seeds = founder.recovery_seeds
    if vouch_for_recovery(Trust(founder.root_id)).key_id != seeds.key_id:
        raise KeyRefused("recovery_key_changed")
    return Keyring(Identity.objects.get(key_id=seeds.key_id).holder, seeds)


def rehearse_recovery(founder: Founder) -> Rehearsal:
    """Open the newest key of every vault with the recovery key, in full, and no text with it. Leaves nothing behind.

    :raises KeyRefused: see :func:`recovery_keyring`
    """
    keyring = recovery_keyring(founder)
    opened: Counter[VaultKind] = Counter()
    closed, apart = [], 0
    for place, result in _open_all(keyring):
        if isinstance(result, OpenVault):
            opened[place.kind] += 1
        elif place.kind == VaultKind.PROCESS and isinstance(result, NoGrant):
            apart += 1
        else:
            closed.append(place)
    return Rehearsal(opened, tuple(closed), apart)


def reach_of_recovery(*, holder: UUID) -> Reach:
    """Say what a recovery of somebody's keys would give back, from rows alone: nothing is opened or verified."""
    recovery = Certificate.objects.filter(kind=Kind.RECOVERY).values("key_id")
    covered = set(live_grants().filter(grantee__in=recovery).values_list("vault", "generation"))
    return _reach((grant.vault, _spot(grant) in covered) for grant in _grants_of(holder))


def recover_keys(founder: Founder, *, holder: UUID, seen: bytes, may_certify: bool, at: datetime) -> Reach:
    """Certify somebody's new keys by the root, and wrap to them what the old ones opened, which are revoked.

    Belongs inside the transaction that retired the old ones, at the same moment `at`.

    :param seen: the 32-byte fingerprint of the new keys that the person and whoever leads the ceremony have compared
    :raises KeyRefused: the new keys are not those, or the recovery key does not hold; nothing may be kept then
    """
    keyring = recovery_keyring(founder)
    identity = current_identity(holder)
    if identity is None or fingerprint_under(founder.root_id, identity) != seen:
        raise KeyRefused("fingerprint_changed")
    issuer = Issuer(founder.root_id, founder.root_id, founder.signer)
    issue_certificate(issuer, identity, kind=Kind.STAFF, may_certify=may_certify, subject=None, at=at)
    for retired in Identity.objects.filter(holder=holder, retired_at=at):
        revoke_key(issuer, key_id=bytes(retired.key_id), since=at)
    to, lost = Trust(founder.root_id).vouch(bytes(identity.key_id)), _grants_of(holder)
    for old in {bytes(grant.grantee) for grant in lost}:
        sign_heir(issuer, holder=holder, old=old, new=to.key_id, at=at)
    return _rewrap(keyring, lost, to, at)


def _rewrap(keyring: Keyring, lost: list[Grant], to: Vouched, at: datetime) -> Reach:
    """Wrap what the recovery key opens; a grant that it cannot replace stays, so that no vault is left to nobody."""
    vaults, trust = {grant.vault_id for grant in lost}, Trust(keyring.root_id)
    mine = {_spot(row): row for row in live_grants().filter(grantee=keyring.key_id, vault__in=vaults)}
    made = {_spot(row): row for row in Generation.objects.filter(vault__in=vaults)}
    readers, passed, signed = Readers(trust), dict[tuple[UUID, int], Grant](), set[UUID]()
    for grant in lost:
        spot, vault, place = _spot(grant), grant.vault, _place(grant.vault)
        rows = [made.get((vault.pk, vault.current_generation)), made.get(spot)]
        reading = readers.find(place, rows, bytes(grant.grantee))
        if reading is None or spot in passed:
            continue
        signed.add(vault.pk)
        try:
            key = believe(keyring, trust, place, mine[spot], made.get(spot))
        except (KeyError, KeyRefused):
            continue
        if may_read(place, to):
            # Who was let in for some days stays let in for those.
            passed[spot] = wrap_grant(
                *spot, key, to, by=keyring, at=at, expires_at=earliest(reading.until, grant.expires_at)
            )
    Grant.objects.bulk_create(passed.values())
    Grant.objects.filter(pk__in=[grant.pk for grant in lost if _spot(grant) in passed]).delete()
    flag_vaults(Vault.objects.filter(pk__in=vaults), at=at)
    reach = _reach((grant.vault, _spot(grant) in passed) for grant in lost)
    return replace(reach, unsigned=tuple({_place(grant.vault) for grant in lost if grant.vault_id not in signed}))


def _grants_of(holder: UUID) -> list[Grant]:
    mine = Identity.objects.filter(holder=holder).values("key_id")
    return list(live_grants().filter(grantee__in=mine).select_related("vault").order_by("generation", "pk"))


def _spot(row: Grant | Generation) -> tuple[UUID, int]:
    return row.vault_id, row.generation


def _place(vault: Vault) -> Place:
    return Place(VaultKind(vault.kind), vault.subject, vault.author)


def _reach(found: Iterable[tuple[Vault, bool]]) -> Reach:
    opens: dict[Place, bool] = {}
    for vault, is_open in found:
        opens[_place(vault)] = opens.get(_place(vault), True) and is_open
    back = tuple(place for place, is_open in opens.items() if is_open)
    return Reach(back, tuple(place for place, is_open in opens.items() if not is_open))


def _open_all(keyring: Keyring) -> Iterator[tuple[Place, OpenVault | KeysError]]:
    for (kind, author), subjects in _subjects().items():
        for start in range(0, len(subjects), _AT_ONCE):
            with transaction.atomic():
                some = subjects[start : start + _AT_ONCE]
                results = open_vaults(by=keyring, kind=kind, subjects=some, author=author)
                # A reader leaves a mark on what it has verified. A rehearsal takes it back: the next one verifies anew.
                transaction.set_rollback(True)
            yield from ((Place(kind, subject, author), result) for subject, result in results.items())


def _subjects() -> dict[tuple[VaultKind, UUID | None], list[UUID]]:
    found = defaultdict(list)
    for kind, author, subject in Vault.objects.order_by("kind", "id").values_list("kind", "author", "subject"):
        found[VaultKind(kind), author].append(subject)
    return found
