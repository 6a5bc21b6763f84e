"""What of this app makes a record last: the latest file."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from attachments.models import Attachment
from clients.lasting import register_last_written


def register() -> None:
    """Declare it."""
    register_last_written("attachments", latest_added)


def latest_added(client_ids: Collection[UUID]) -> Iterable[tuple[UUID, datetime]]:
    """Look up when the last file came into each of these records."""
    files = Attachment.objects.filter(client__in=client_ids).values("client")
    return files.annotate(last=Max("added_at")).values_list("client", "last")
