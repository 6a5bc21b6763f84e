"""What the practice recovery key opens: rehearsed once a year, and in earnest for a colleague who lost everything.

The recovery key is one more grantee of a vault. So it opens a vault as any reader does, with every check, and under the
strongest pin there is: the root that grows from the very seed that was typed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from keys.errors import KeyRefused, KeysError, NoGrant
from keys.keyring import Keyring
from keys.models import Identity, Vault
from keys.services.founding import Founder
from keys.services.places import Place
from keys.services.trust import Trust
from keys.services.vaults import OpenVault, open_vaults, vouch_for_recovery
from keys.statements import VaultKind

_AT_ONCE = 100  # vaults in one transaction: about a quarter of a second, for which others wait to write


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal saw: `closed` should have opened and did not, `apart` is kept out of recovery by its authors."""

    opened: Mapping[VaultKind, int]
    closed: tuple[Place, ...]
    apart: int


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
