"""What of this app makes a record last: its latest note or addendum."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from clients.lasting import register_last_written
from notes.models import Addendum, Note


def register() -> None:
    """Declare it."""
    register_last_written("notes", latest_signed)


def latest_signed(client_ids: Collection[UUID]) -> Iterable[tuple[UUID, datetime]]:
    """Look up when the last note about each of these clients was signed, and the last addendum."""
    for kind in (Note, Addendum):
        signed = kind.objects.filter(client__in=client_ids).values("client")
        yield from signed.annotate(last=Max("signed_at")).values_list("client", "last")
