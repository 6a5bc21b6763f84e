"""Where a session was held."""

from collections.abc import Mapping
from enum import StrEnum, unique


@unique
class SessionPlace(StrEnum):
    ROOM = "room"
    VIDEO = "video"
    PHONE = "phone"
    ELSEWHERE = "elsewhere"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Mapping[SessionPlace, str] = {
    SessionPlace.ROOM: "In the room",
    SessionPlace.VIDEO: "By video",
    SessionPlace.PHONE: "By phone",
    SessionPlace.ELSEWHERE: "Elsewhere",
}
