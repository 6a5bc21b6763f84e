"""The few fixed words that rows of this app are sorted by."""

from enum import StrEnum


class ClientKind(StrEnum):
    """Whom a record is about: one person, or several who come together and are each a client besides."""

    ONE = "one"
    COUPLE = "couple"
    FAMILY = "family"
    GROUP = "group"


TOGETHER = (ClientKind.COUPLE, ClientKind.FAMILY, ClientKind.GROUP)


class Cause(StrEnum):
    """Why somebody reaches a client."""

    CARE = "care"
    COVER = "cover"
    KEPT = "kept"  # the therapy is over, and this therapist keeps the record: to read, and not to write in


class OpeningCode(StrEnum):
    """Why a record could not wait for its therapist."""

    CRISIS = "crisis"
    SAFETY = "safety"
    ASKED = "asked"
    DOCTOR = "doctor"
    OTHER = "other"

    @property
    def words(self) -> str:
        return _OPENING[self]


_OPENING = {
    OpeningCode.CRISIS: "The client is in a crisis",
    OpeningCode.SAFETY: "Somebody’s safety may depend on it",
    OpeningCode.ASKED: "The client asks for help now",
    OpeningCode.DOCTOR: "A doctor or a clinic needs to know something today",
    OpeningCode.OTHER: "Something else that cannot wait",
}


class Step(StrEnum):
    """What is released: first how to reach the clients, and only later what was written about them."""

    CONTACTS = "contacts"
    NOTES = "notes"

    @property
    def words(self) -> str:
        return _STEPS[self]


class Why(StrEnum):
    """Why a therapist cannot act."""

    DIED = "died"
    ILL = "ill"
    MISSING = "missing"
    OTHER = "other"

    @property
    def words(self) -> str:
        return _WHY[self]


_STEPS = {Step.CONTACTS: "the contact list", Step.NOTES: "the notes"}
_WHY = {
    Why.DIED: "They have died",
    Why.ILL: "They are too ill to act",
    Why.MISSING: "Nobody can reach them",
    Why.OTHER: "Something else keeps them from acting",
}
