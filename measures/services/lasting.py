"""What of this app makes a record last: its latest result."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from clients.lasting import register_last_written
from measures.models import Result


def register() -> None:
    """Declare it."""
    register_last_written("measures", latest_results)


def latest_results(client_ids: Collection[UUID]) -> Iterable[tuple[UUID, datetime]]:
    """Look up when the last questionnaire of each of these clients came in."""
    results = Result.objects.filter(client__in=client_ids).values("client")
    return results.annotate(last=Max("finished_at")).values_list("client", "last")
