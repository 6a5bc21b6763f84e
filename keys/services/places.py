"""Where a vault belongs, and the table of who may make and who may ever read each kind."""

from dataclasses import dataclass
from uuid import UUID

from keys.services.trust import Vouched
from keys.statements import Kind, VaultKind


@dataclass(frozen=True)
class Place:
    """Where a vault belongs. Whoever opens it says so first; rows that say otherwise are refused."""

    kind: VaultKind
    subject: UUID
    author: UUID | None = None


def may_make(place: Place, maker: Vouched, *, generation: int) -> bool:
    """Hold the maker of a generation to the table."""
    is_staff = maker.kind == Kind.STAFF
    if place.kind == VaultKind.PROCESS:
        return is_staff and maker.holder == place.author
    if place.kind == VaultKind.SHARED:
        is_subject = maker.kind == Kind.CLIENT and maker.subject == place.subject
        return is_subject or (generation > 1 and is_staff)
    if place.kind == VaultKind.WILL:
        return is_staff and (generation > 1 or maker.holder == place.subject)
    return is_staff


def may_read(place: Place, reader: Vouched) -> bool:
    """Hold a reader to the table, whatever rows made the caller think of them: a role in the database is no key."""
    if reader.kind == Kind.RECOVERY:
        return reader.by_root
    if reader.kind == Kind.CLIENT:
        return place.kind == VaultKind.SHARED and reader.subject == place.subject
    return place.kind != VaultKind.PROCESS or reader.holder == place.author
