"""Why something is added to a signed note: a closed list. The author's own words stand beside it, sealed."""

from collections.abc import Mapping
from enum import StrEnum, unique


@unique
class AddendumReason(StrEnum):
    CORRECTION = "correction"
    OMISSION = "omission"
    CLARITY = "clarity"
    LEARNED_LATER = "learned_later"
    CLIENT_ASKED = "client_asked"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Mapping[AddendumReason, str] = {
    AddendumReason.CORRECTION: "Something in the note is wrong",
    AddendumReason.OMISSION: "Something was left out",
    AddendumReason.CLARITY: "Something can be misunderstood",
    AddendumReason.LEARNED_LATER: "Something became known later",
    AddendumReason.CLIENT_ASKED: "The client asked for it",
}
