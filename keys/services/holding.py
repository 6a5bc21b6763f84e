"""Who can open a vault, as the rows say; taking a key back, and having the vault's key replaced afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from keys.errors import KeyRefused, SoleHolder
from keys.keyring import Keys, require_open
from keys.models import Certificate, Generation, Grant, HeldGrant, Identity, Vault
from keys.services.generations import live_grants
from keys.services.places import Place
from keys.services.readers import Readers, Reading, earliest, readings_of, sign_end
from keys.services.trust import Trust
from keys.statements import ABOUT_STAFF, Cause, Kind, VaultKind


@dataclass(frozen=True)
class Holder:
    """Somebody with a grant on a vault. `holder` and `kind` are absent for a key that no row says anything of.

    `granted_by` is who signed that they may read it, `granter_kind` what that one is, and `expires_at` until when.
    Where nobody did, all are what the row says, and not `is_signed`: such a grant is never given a later key.
    `is_current` is whether it opens what is sealed now, and not only what waits to be sealed anew.
    """

    holder: UUID | None
    kind: Kind | None
    granted_at: datetime
    granted_by: UUID | None
    granter_kind: Kind | None
    expires_at: datetime | None
    is_current: bool
    is_signed: bool


def holders_of(place: Place, *, by: Keys | None = None) -> list[Holder]:
    """List who can open the vault at a place, one line per person. Nothing is opened; what they signed is verified.

    :param by: whose pinned root decides. Nobody's: the root that the vault itself names, as a terminal has no other
    """
    vault = vaults_at([place]).first()
    return _holders(vault, require_open(by).root_id if by else None, {}) if vault else []


def lent_by(*, by: Keys, place: Place) -> dict[bytes, datetime]:
    """Say by key id to whom somebody lent the key of a vault, and until when, as they signed it: rows lend nothing."""
    mine, vault = require_open(by), vaults_at([place]).first()
    if vault is None:
        return {}
    made = Generation.objects.get(vault=vault, generation=vault.current_generation)
    try:
        readings = readings_of(Trust(mine.root_id), place, made).values()
    except KeyRefused:
        return {}
    lent = [one for one in readings if one.cause == Cause.COVER and one.given_by == mine.key_id]
    return {one.key_id: one.until for one in lent if one.until}


def places_of(subject: UUID) -> list[Place]:
    """List where there are vaults about a subject."""
    return [_place_of(vault) for vault in Vault.objects.filter(subject=subject).order_by("kind", "author")]


def count_unsigned() -> int:
    """Count who holds a grant that nobody signed for, over all vaults and each under the root that it names."""
    trusts: dict[bytes, Trust] = {}
    found = [row for vault in Vault.objects.all() for row in _holders(vault, None, trusts) if not row.is_signed]
    return sum(row.expires_at is None or row.expires_at > timezone.now() for row in found)


def let_expire(*, by: Keys, place: Place, holder: UUID, expires_at: datetime, at: datetime) -> int:
    """Sign that a person's grants on the vault at a place end by themselves, those that end sooner excepted.

    :returns: how many grants that changed
    """
    vaults, mine = vaults_at([place]), Identity.objects.filter(holder=holder).values("key_id")
    for vault in vaults:
        sign_end(vault.pk, by=require_open(by), holder=holder, since=expires_at, at=at)
    grants = live_grants().filter(vault__in=vaults, grantee__in=mine)
    return grants.filter(Q(expires_at=None) | Q(expires_at__gt=expires_at)).update(expires_at=expires_at)


def take_back(*, by: Keys, place: Place, holder: UUID, at: datetime, allow_recovery_only: bool = False) -> int:
    """Delete every grant of a person's keys, old and current, on the vault at a place, and have its key replaced.

    That they are a reader no more is signed, so that a row which somebody puts back meanwhile is none. What a restore
    holds back goes too, so that nobody lets it open again by mistake.

    :param allow_recovery_only: let the vault be left to the practice recovery key alone, or to nobody
    :raises SoleHolder: no other person holds the key, and nothing was deleted
    :returns: how many grants were deleted; 0 if there was none, or no vault
    """
    with transaction.atomic():
        # Locked, else two people who are taken back at once each leave the key to the other.
        vault = vaults_at([place]).select_for_update().first()
        if vault is None:
            return 0
        mine, grants = _key_ids_of(holder), Grant.objects.filter(vault=vault, grantee__in=_key_ids_of(holder))
        # Signed even if there is no row: somebody may have hidden it, to put it back later.
        sign_end(vault.pk, by=require_open(by), holder=holder, since=at, at=at)
        if not grants.exists():
            HeldGrant.objects.filter(vault=vault, grantee__in=mine).delete()
            return 0
        if not allow_recovery_only and not _others_hold(vault, mine):
            raise SoleHolder
        HeldGrant.objects.filter(vault=vault, grantee__in=mine).delete()
        deleted, _ = grants.delete()
        flag_vaults(Vault.objects.filter(pk=vault.pk), at=at)
    return deleted


def held_alone(*, holder: UUID) -> list[Place]:
    """List the vaults whose key would be left to nobody without this person, from rows alone.

    Their own process notes are not among them: nobody else was ever meant to open those. Nor is what is no client's.
    """
    mine = _key_ids_of(holder)
    return [_place_of(vault) for vault in _not_only_mine(mine) if _would_be_shut(vault, mine)]


def take_all_back(*, holder: UUID, at: datetime) -> int:
    """Delete every grant of a person's keys but those on their own process notes, and have those vaults' keys replaced.

    The grants that stay open nothing once the keys are gone, and no vault is left with no grant at all.

    :raises SoleHolder: nobody else holds one of the keys, and nothing was deleted
    :returns: how many grants were deleted
    """
    with transaction.atomic():
        mine = _key_ids_of(holder)
        vaults = list(_not_only_mine(mine).select_for_update())
        if any(_would_be_shut(vault, mine) for vault in vaults):
            raise SoleHolder
        grants = Grant.objects.filter(vault__in=vaults, grantee__in=mine)
        flag_vaults(Vault.objects.filter(pk__in=grants.values("vault")), at=at)
        HeldGrant.objects.filter(grantee__in=mine).exclude(vault__kind=VaultKind.PROCESS).delete()
        deleted, _ = grants.delete()
    return deleted


def flag_rotation(*, places: Iterable[Place], at: datetime) -> int:
    """Have the keys of the vaults at these places replaced, by the next of their holders who is signed in.

    :returns: how many vaults there are
    """
    return flag_vaults(vaults_at(places), at=at)


def delete_expired_grants(*, at: datetime) -> int:
    """Delete the grants that have expired, and have the keys of their vaults replaced. Needs nobody's keys.

    :returns: how many grants were deleted
    """
    with transaction.atomic():
        HeldGrant.objects.filter(expires_at__lte=at).delete()
        expired = Grant.objects.filter(expires_at__lte=at)
        flag_vaults(Vault.objects.filter(pk__in=expired.values("vault")), at=at)
        deleted, _ = expired.delete()
    return deleted


def flag_vaults(vaults: QuerySet[Vault], *, at: datetime) -> int:
    """Ask for one generation more of each, and remember since when the oldest wish waits."""
    return vaults.update(wanted_generation=F("current_generation") + 1, rotate_since=Coalesce(F("rotate_since"), at))


def vaults_at(places: Iterable[Place]) -> QuerySet[Vault]:
    """Select the vaults at some places."""
    wanted = set(places)
    rows = Vault.objects.filter(subject__in={place.subject for place in wanted})
    ids = [
        pk
        for pk, kind, subject, author in rows.values_list("pk", "kind", "subject", "author")
        if Place(VaultKind(kind), subject, author) in wanted
    ]
    return Vault.objects.filter(pk__in=ids)


def _key_ids_of(holder: UUID) -> list[bytes]:
    return [bytes(row.key_id) for row in Identity.objects.filter(holder=holder)]


def _not_only_mine(mine: list[bytes]) -> QuerySet[Vault]:
    granted = Grant.objects.filter(grantee__in=mine).values("vault")
    return Vault.objects.filter(pk__in=granted).exclude(kind=VaultKind.PROCESS).order_by("pk")


def _place_of(vault: Vault) -> Place:
    return Place(VaultKind(vault.kind), vault.subject, vault.author)


def _would_be_shut(vault: Vault, mine: list[bytes]) -> bool:
    return vault.kind not in ABOUT_STAFF and not _others_hold(vault, mine)


def _others_hold(vault: Vault, mine: list[bytes]) -> bool:
    """Say whether the current key is wrapped to a person's current pair of keys, besides these."""
    recovery = Certificate.objects.filter(kind=Kind.RECOVERY).values("key_id")
    people = Identity.objects.filter(retired_at=None).exclude(key_id__in=recovery).values("key_id")
    current = live_grants().filter(vault=vault, generation=vault.current_generation, grantee__in=people)
    # A cover that ends by itself leaves nobody.
    return current.exclude(grantee__in=mine).filter(Q(expires_at=None)).exists()


def _owners(key_ids: set[bytes]) -> dict[bytes, UUID]:
    rows = Identity.objects.filter(key_id__in=key_ids).values_list("key_id", "holder")
    return {bytes(key_id): holder for key_id, holder in rows}


def _holders(vault: Vault, root_id: bytes | None, trusts: dict[bytes, Trust]) -> list[Holder]:
    """List who holds a vault's key; `trusts` keeps what was verified on the way, for the next vault."""
    made = {row.generation: row for row in Generation.objects.filter(vault=vault)}
    root_id = root_id or (bytes(made[vault.current_generation].root) if vault.current_generation in made else b"")
    teller = _Teller(vault, made, trusts.setdefault(root_id, Trust(root_id)))
    grants = Grant.objects.filter(vault=vault).order_by("generation", "granted_at")
    # The newest grant of a person says it all; keys that nobody is known to own stay apart.
    owners = _owners({bytes(grant.grantee) for grant in grants})
    newest = {owners.get(bytes(grant.grantee), bytes(grant.grantee)): grant for grant in grants}
    return [teller.holder(key, grant) for key, grant in newest.items()]


class _Teller:
    """Puts grants into who holds them, each held against what was signed of its generation."""

    def __init__(self, vault: Vault, made: Mapping[int, Generation], trust: Trust) -> None:
        self._vault, self._rows, self._trust = vault, made, trust
        self._readers = Readers(trust)
        self._kinds: dict[UUID, Kind | None] = {}

    def holder(self, key: UUID | bytes, grant: Grant) -> Holder:
        reading = self._reading(grant)
        by, until = (reading.given_by, reading.until) if reading else (bytes(grant.granted_by), None)
        holder, granter = key if isinstance(key, UUID) else None, _owners({by}).get(by)
        return Holder(
            holder=holder,
            kind=self._kind_of(holder),
            granted_at=grant.granted_at,
            granted_by=granter,
            granter_kind=self._kind_of(granter),
            expires_at=earliest(until, grant.expires_at),
            is_current=grant.generation == self._vault.current_generation,
            is_signed=reading is not None,
        )

    def _kind_of(self, holder: UUID | None) -> Kind | None:
        if holder is None:
            return None
        if holder not in self._kinds:
            kind = Certificate.objects.filter(holder=holder).values_list("kind", flat=True).first()
            self._kinds[holder] = Kind(kind) if kind else None
        return self._kinds[holder]

    def _reading(self, grant: Grant) -> Reading | None:
        if self._trust.is_revoked(bytes(grant.grantee), at=timezone.now()):
            return None
        rows = [self._rows.get(generation) for generation in (self._vault.current_generation, grant.generation)]
        return self._readers.find(_place_of(self._vault), rows, bytes(grant.grantee))
