"""The end of what a custodian was given: rows and keys, of everybody or of one client."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

from access.acting import Actor
from audit.acts import Act
from audit.services import record
from clients.models.custody import Handed, Release, Will
from clients.services.finding import closed_clients
from clients.services.parting import part_handles
from clients.services.sharing import CARE_KINDS
from keys.services import Place, VaultKind, end_loans, take_back

if TYPE_CHECKING:
    from access.models import User
    from clients.models import Client


def end_releases(will: Will, *, by: Actor, at: datetime) -> bool:
    """End what stands of a will's release, take every key back, and say so. Belongs inside the caller's transaction.

    :returns: whether anything stood
    """
    releases = Release.objects.filter(will=will, ended_at=None)
    if not releases.exists():
        return False
    ended = _end(Handed.objects.filter(release__in=releases), by, at)
    place = Place(VaultKind.WILL, will.therapist_id)
    take_back(by=by.keys, place=place, holder=will.custodian_id, at=at, allow_recovery_only=True)
    releases.update(ended_at=at, ended_by=by.user)
    for handles in part_handles(row.client for row in ended):
        record(Act.CUSTODY_STOPPED, by=by, target=will.therapist, subjects=handles, at=at)
    return True


def end_handed(client: "Client", *, by: Actor, therapist: "User", at: datetime) -> None:
    """Take one client back from the custodian of a therapist whose care of them ends. In the caller's transaction."""
    _end(Handed.objects.filter(client=client, release__will__therapist=therapist), by, at)


def forget_lapsed_releases(will: Will, *, at: datetime) -> None:
    """Note that releases ended whose keys have, so that the same step can be asked for again."""
    lapsed = Release.objects.filter(will=will, ended_at=None, until__lte=at)
    Handed.objects.filter(release__in=lapsed, ended_at=None).update(ended_at=at)
    lapsed.update(ended_at=F("until"))


def handed_at(at: datetime) -> QuerySet[Handed]:
    """Say which clients custodians reach at a moment."""
    standing = Handed.objects.filter(ended_at=None, release__ended_at=None, release__until__gt=at)
    standing = standing.filter(release__will__ended_at=None).exclude(client__in=closed_clients())
    return standing.select_related("client", "release__will__therapist", "release__will__custodian")


def _end(handed: QuerySet[Handed], by: Actor, at: datetime) -> list[Handed]:
    rows = list(handed.filter(ended_at=None).select_related("client", "release__will"))
    for row in rows:
        for kind in CARE_KINDS:
            end_loans(by=by.keys, place=Place(kind, row.client_id), holder=row.release.will.custodian_id, at=at)
    Handed.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=at)
    return rows
