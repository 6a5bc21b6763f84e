"""What a new version means for those who signed an older one: told from what was published, stored nowhere.

A material change asks for a new signature and the old one carries on until it comes; an urgent change ends what the old
one carries at once, so that the new text is signed before the next session. An editorial change asks for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from consent.kinds import SIGNATURES, ChangeClass, DocumentKind, EventKind
from consent.models import Event, Version
from consent.timeline import Step
from keys.prepared import Prepared

# The columns of an event that are needed for it.
FOR_THE_GATE = ("id", "client_id", "kind", "at", "until", "version_id")


def steps_by_client(events: Iterable[Event]) -> dict[UUID, list[Step]]:
    """Return events as the gate needs them, and after each signature the change that superseded it, if one did.

    :param events: of any number of clients, loaded with what the gate needs and the id of their version
    """
    steps: dict[UUID, list[Step]] = defaultdict(list)
    signatures = []
    for event in events:
        steps[event.client_id].append(event.as_step())
        if event.kind in SIGNATURES:
            signatures.append(event)
    for event, later in _changes_since(signatures):
        steps[event.client_id].append(_superseded(event.at, later))
    return steps


def _changes_since(signatures: list[Event]) -> Iterator[tuple[Event, list[Version]]]:
    if not signatures:
        return
    in_force_since, changes = _publications()
    for event in signatures:
        assert event.version_id is not None  # noqa: S101 (a constraint of the table, said to the type checker)
        later = [change for change in changes if change.effective_at > in_force_since[event.version_id]]
        if later:
            yield event, later


def _publications() -> tuple[dict[UUID, datetime], list[Version]]:
    """Load when each version came into force, and those versions that ask for a new signature, the oldest first."""
    versions = _versions.all()
    changes = [version for version in versions if version.change_class != ChangeClass.EDITORIAL]
    return {version.id: version.effective_at for version in versions}, changes


@Prepared
def _versions() -> QuerySet[Version]:
    rows = Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY).order_by("effective_at")
    return rows.only("id", "effective_at", "change_class")


def _superseded(signed_at: datetime, changes: list[Version]) -> Step:
    # One step for all that came later: a text may be signed while the next one is being published, and an urgent
    # change may follow a material one.
    ends = [max(change.effective_at, signed_at) for change in changes if change.change_class == ChangeClass.URGENT]
    first = changes[0]
    return Step(
        id=first.id,
        kind=EventKind.SUPERSEDED,
        at=max(first.effective_at, signed_at),
        until=min(ends, default=None),
    )
