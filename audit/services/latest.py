"""When something last happened."""

from datetime import datetime

from audit.acts import Act, Outcome
from audit.models import Entry


def last_time(act: Act) -> datetime | None:
    """Say when an act last succeeded, as far as this log knows."""
    rows = Entry.objects.filter(action=act, outcome=Outcome.OK).order_by("-id")
    return rows.values_list("at", flat=True).first()
