"""What remains of a destroyed record, and the certificate that is made of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict

from access.acting import Actor, service
from access.roles import Role
from access.services.people import name_of_practice, names_of_staff
from audit.actors import Named
from clients.models import Client
from clients.models.retention import Tombstone
from clients.services.finding import NoSuchClient, destroyed_clients


@dataclass(frozen=True)
class Certificate:
    """What the practice can state of a destruction, at one moment."""

    tombstone: Tombstone
    practice: str
    decided_by: str
    at: datetime

    @property
    def is_complete(self) -> bool:
        """Say whether every backup of keys that Subrosa made before has expired."""
        return self.at >= self.tombstone.complete_at


@service
def read_certificate(*, by: Actor, tombstone_id: UUID, at: datetime) -> Certificate:
    """Read the certificate of one destruction: managers any but those of hidden records, and who decided.

    :raises NoSuchClient: not theirs, or none
    """
    tombstone = _tombstones_for(by).filter(pk=tombstone_id).first()
    if tombstone is None:
        raise NoSuchClient(Named("clients.tombstone", tombstone_id))
    names = names_of_staff({tombstone.decided_by})
    return Certificate(tombstone, name_of_practice(), names.get(tombstone.decided_by, "somebody who has left"), at)


def browse_tombstones(*, by: Actor) -> list[Tombstone]:
    """List what was destroyed, the newest first."""
    return list(_tombstones_for(by).order_by("-destroyed_at"))


def dump_tombstones() -> list[dict[str, Any]]:
    """Write every tombstone as plain values, for the list that lies beside a backup's keys."""
    return [{name: str(value) for name, value in model_to_dict(row).items()} for row in Tombstone.objects.all()]


def put_back_tombstones(rows: Collection[Mapping[str, Any]]) -> None:
    """Remember after a restore what was destroyed after its backup. Belongs inside the caller's transaction."""
    known = {str(pk) for pk in Tombstone.objects.values_list("pk", flat=True)}
    for row in rows:
        if row["client_id"] not in known:
            tombstone = Tombstone(**row)
            tombstone.clean_fields()
            tombstone.save(force_insert=True)


def came_back() -> set[UUID]:
    """Say whom a restore brought back although their record was destroyed: the ids of clients, and of their accounts.

    An account with another record besides is not among them.
    """
    gone = Client.objects.filter(pk__in=destroyed_clients())
    others = Client.objects.exclude(pk__in=destroyed_clients()).exclude(user=None).values("user")
    accounts = gone.exclude(user=None).exclude(user__in=others)
    return set(gone.values_list("pk", flat=True)) | set(accounts.values_list("user", flat=True))


def _tombstones_for(by: Actor) -> QuerySet[Tombstone]:
    own = Q(decided_by=by.user.pk)
    return Tombstone.objects.filter(own | Q(hidden=False) if by.role == Role.MANAGER else own)
