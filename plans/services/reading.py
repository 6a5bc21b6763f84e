"""Opening a plan, and what it was before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor, service
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.purposes import purpose_of
from keys.errors import SealBroken
from keys.services import OpenVault, Place, VaultKind, open_vault
from plans.goals import Goal, changes_between, read_goals
from plans.models import Version
from plans.sealed import bind_goals
from plans.services.finding import plan_of, versions_of

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True, repr=False)
class OpenPlan:
    """A plan with its goals, after the look was recorded.

    :param latest: what is written next follows this version
    :param shown: the newest that opens, which the goals are of; none where no version does
    """

    latest: Version
    shown: Version | None
    goals: tuple[Goal, ...]
    receipt: Receipt

    @property
    def is_broken(self) -> bool:
        """Whether the seal of the latest version is."""
        return self.shown is not self.latest


@dataclass(frozen=True, repr=False)
class Earlier:
    """One version, and what changed with it; no goals where its seal is broken.

    :param changes: in words; none where the version before does not open
    """

    version: Version
    goals: tuple[Goal, ...] | None
    changes: list[str] | None


@service
def read_plan(*, by: Actor, client: "Client", at: datetime) -> OpenPlan | None:
    """Record the look, then open the plan of a client; nothing is recorded where there is none.

    One that was altered, or moved here from another client, number, author or day, is said to be broken. What it was
    before is shown then, so that nobody who alters one version takes the whole plan away.

    :raises NoGrant: this reader waits for the key
    """
    return open_plan(by=by, client=client, at=at)


def open_plan(*, by: Actor, client: "Client", at: datetime) -> OpenPlan | None:
    """Open it, for a service, which records the refusal itself."""
    latest = plan_of(by=by, client=client)
    if latest is None:
        return None
    receipt = record_look(Act.PLAN_READ, by=by, target=latest, purpose=purpose_of(by), at=at)
    receipt.covers(latest.pk)
    vault = vault_of(by=by, client=client)
    goals = _try_unseal(vault, latest, receipt)
    if goals is not None:
        return OpenPlan(latest, latest, goals, receipt)
    receipt.covers_client(client.audit_handle)
    before = versions_of(by=by, client=client).filter(number__lt=latest.number)
    return OpenPlan(latest, *_newest_that_opens(vault, before, receipt), receipt)


def _newest_that_opens(
    vault: OpenVault, versions: Iterable[Version], receipt: Receipt
) -> tuple[Version | None, tuple[Goal, ...]]:
    for version in versions:
        goals = _try_unseal(vault, version, receipt)
        if goals is not None:
            return version, goals
    return None, ()


@service
def look_back(*, by: Actor, client: "Client", at: datetime) -> list[Earlier]:
    """Record the look, then open every version of a plan, the newest first.

    :raises NoGrant: this reader waits for the key
    """
    versions = list(versions_of(by=by, client=client))
    if not versions:
        return []
    receipt = record_look(Act.PLAN_LOOKED_BACK, by=by, target=versions[0], purpose=purpose_of(by), at=at)
    receipt.covers_client(client.audit_handle)
    vault = vault_of(by=by, client=client)
    opened = {version.number: _try_unseal(vault, version, receipt) for version in versions}
    return [Earlier(version, opened[version.number], _changes(opened, version.number)) for version in versions]


def vault_of(*, by: Actor, client: "Client") -> OpenVault:
    """Open the vault that plans lie in."""
    return open_vault(by=by.keys, place=Place(VaultKind.RECORD, client.pk))


def unseal_goals(vault: OpenVault, version: Version, *, receipt: Receipt) -> tuple[Goal, ...]:
    """Open what a version says.

    :raises SealBroken: altered, or moved here
    """
    return read_goals(vault.unseal(version.sealed_goals, bound_to=bind_goals(version), receipt=receipt))


def _try_unseal(vault: OpenVault, version: Version, receipt: Receipt) -> tuple[Goal, ...] | None:
    try:
        return unseal_goals(vault, version, receipt=receipt)
    except SealBroken:
        # One that was altered hides no other.
        return None


def _changes(opened: dict[int, tuple[Goal, ...] | None], number: int) -> list[str] | None:
    before, after = () if number == 1 else opened.get(number - 1), opened[number]
    return None if before is None or after is None else changes_between(before, after)
