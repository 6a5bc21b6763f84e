"""Lock 2 for plans: those of the records whose notes this person may read."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from access.acting import Actor
from access.roles import Role
from clients.services.covers import readable_by
from plans.models import Version

if TYPE_CHECKING:
    from clients.models import Client


def plan_of(*, by: Actor, client: "Client") -> Version | None:
    """Find the plan of a client, or none; nothing is opened."""
    return versions_of(by=by, client=client).defer("sealed_goals").first()


def versions_of(*, by: Actor, client: "Client") -> QuerySet[Version]:
    """Say which versions of a client's plan this person may read, the newest first."""
    versions = Version.objects.filter(client=client, client__in=readable_by(by)).select_related("client", "author")
    return versions.order_by("-number") if by.role == Role.THERAPIST else versions.none()


def reviews_due(*, clients: Collection[UUID], on: date) -> list[Version]:
    """List the plans of these clients that are to be looked at again by a day, the longest due first."""
    later = Version.objects.filter(client=OuterRef("client"), number__gt=OuterRef("number"))
    due = Version.objects.filter(~Exists(later), client__in=clients, review_date__lte=on)
    return list(due.defer("sealed_goals").order_by("review_date"))
