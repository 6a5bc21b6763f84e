"""The kinds of notes, and what each asks of the gate."""

from collections.abc import Mapping
from enum import StrEnum, unique

from consent.purposes import ALWAYS_OPEN, Purpose


@unique
class NoteKind(StrEnum):
    SESSION = "session"
    PROCESS = "process"
    CALL = "call"
    MESSAGE = "message"
    NO_SHOW = "no_show"
    LATE_CANCEL = "late_cancel"
    CONTACT_OTHERS = "contact_others"
    REFUSAL = "refusal"
    SAFETY = "safety"
    SAFETY_PLAN = "safety_plan"
    CRISIS = "crisis"
    EMERGENCY = "emergency"
    CLOSING = "closing"
    # Brought in, not written here: no form offers it.
    IMPORTED = "imported"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def purpose(self) -> Purpose:
        return _PURPOSES.get(self, Purpose.CONTACT_NOTE)

    @property
    def is_process(self) -> bool:
        """Whether this is its author's own: nobody else is ever shown it, or that it is there."""
        return self is NoteKind.PROCESS


_LABELS: Mapping[NoteKind, str] = {
    NoteKind.SESSION: "Session",
    NoteKind.PROCESS: "Process note",
    NoteKind.CALL: "Call",
    NoteKind.MESSAGE: "Message",
    NoteKind.NO_SHOW: "Missed appointment",
    NoteKind.LATE_CANCEL: "Late cancellation",
    NoteKind.CONTACT_OTHERS: "Contact with others",
    NoteKind.REFUSAL: "Refusal or withdrawal",
    NoteKind.SAFETY: "Safety note",
    NoteKind.SAFETY_PLAN: "Safety plan",
    NoteKind.CRISIS: "Crisis",
    NoteKind.EMERGENCY: "Emergency note",
    NoteKind.CLOSING: "Closing summary",
    NoteKind.IMPORTED: "Past note",
}
_PURPOSES: Mapping[NoteKind, Purpose] = {
    NoteKind.SESSION: Purpose.SESSION_NOTE,
    NoteKind.PROCESS: Purpose.PROCESS_NOTE,
    NoteKind.REFUSAL: Purpose.REFUSAL_NOTE,
    NoteKind.SAFETY: Purpose.SAFETY_NOTE,
    NoteKind.SAFETY_PLAN: Purpose.SAFETY_NOTE,
    # Like the other two, for the client's own safety: nobody is to look for a signature first.
    NoteKind.CRISIS: Purpose.SAFETY_NOTE,
    NoteKind.EMERGENCY: Purpose.EMERGENCY_NOTE,
    # The last of what was begun: a client who withdrew is still owed an orderly end.
    NoteKind.CLOSING: Purpose.FINISH,
    # The gate is never asked about what was written before, elsewhere, under what was agreed there.
    NoteKind.IMPORTED: Purpose.FINISH,
}

# These name a signature, and nothing else will do.
NEEDS_SIGNATURE = frozenset({NoteKind.SESSION, NoteKind.PROCESS})
# What a colleague who covers may write: it cannot wait for the therapist.
UNDER_COVER = frozenset(
    {
        *(kind for kind in NoteKind if kind.purpose is Purpose.CONTACT_NOTE),
        *(kind for kind in NoteKind if kind.purpose in (Purpose.SAFETY_NOTE, Purpose.EMERGENCY_NOTE)),
    }
)
# Written whether or not the client has signed.
NEEDS_NOTHING = frozenset(kind for kind in NoteKind if kind.purpose in ALWAYS_OPEN) - {NoteKind.IMPORTED}
