"""Who acts in the log's own tests, and upon what."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from audit.actors import Origin
from audit.guards import Guard

AT = datetime(2026, 3, 1, 14, 2, 11, 123456, tzinfo=UTC)
NOTE_ID = UUID("11111111-2222-4333-8444-555555555555")
HANDLE = bytes(range(16))
OTHER_HANDLE = bytes(range(16, 32))

ENTRY_GUARD = Guard("audit_entry", (("id",), ("uid",)))
SUBJECT_GUARD = Guard("audit_entrysubject", (("id",), ("handle", "entry_id")))


@dataclass(frozen=True)
class Therapist:
    """Whoever acts, in the shape that the log asks for."""

    audit_id: str = "u_aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    role: str = "therapist"
    session_handle: str = "s_0123456789abcdef"
    origin: Origin = field(default_factory=lambda: Origin(req="r1", net="10.0.0.0/24", device="computer"))
