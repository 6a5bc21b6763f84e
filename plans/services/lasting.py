"""What of this app makes a record last: its latest plan."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from clients.lasting import register_last_written
from plans.models import Version


def register() -> None:
    """Declare it."""
    register_last_written("plans", latest_plans)


def latest_plans(client_ids: Collection[UUID]) -> Iterable[tuple[UUID, datetime]]:
    """Look up when the plan of each of these clients was written last."""
    versions = Version.objects.filter(client__in=client_ids).values("client")
    return versions.annotate(last=Max("written_at")).values_list("client", "last")
