"""What somebody wants to write; the gate answers each purpose."""

from enum import StrEnum, unique


@unique
class Purpose(StrEnum):
    # Wait for the client's signature.
    SESSION_NOTE = "session_note"
    PROCESS_NOTE = "process_note"
    TREATMENT_PLAN = "treatment_plan"
    # Waits for the signature or for a reason given under `consent:override_opened`.
    EMERGENCY_NOTE = "emergency_note"
    # Never wait: a duty, or the client's own safety, stands behind each.
    CONTACT_NOTE = "contact_note"
    REFUSAL_NOTE = "refusal_note"
    SAFETY_NOTE = "safety_note"
    FINISH = "finish"


# A call or a missed visit, the note of a refusal or withdrawal, a note for safety, and finishing what was
# begun while it was allowed.
ALWAYS_OPEN = frozenset({Purpose.CONTACT_NOTE, Purpose.REFUSAL_NOTE, Purpose.SAFETY_NOTE, Purpose.FINISH})
