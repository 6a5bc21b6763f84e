"""What both sides hold, with the same ids: the same request goes to either."""

import json
from dataclasses import asdict, dataclass
from typing import Any

TEXT = (
    "Slept badly again, wakes at four and goes over the same conversation. We traced the week day by day and found "
    "two evenings that went differently, both after a walk. "
)
FIELDS = {
    "brought": TEXT * 4,
    "together": TEXT * 6,
    "plan": TEXT,
    "safety": "none",
    "follow_up": "",
}


@dataclass(frozen=True)
class Login:
    """Somebody of the staff. `id` is a UUID as text."""

    id: str
    name: str
    address: str
    passphrase: str


@dataclass(frozen=True)
class ListedClient:
    """One line of the list of clients."""

    id: str
    code: str
    name: str


@dataclass(frozen=True)
class Written:
    """A draft, or a signed note, about the first client. `session_at` is in ISO 8601."""

    id: str
    session_at: str
    revision: int


@dataclass(frozen=True)
class Scene:
    """A practice at work: its staff, the therapist first; the clients, of whom the first has signed; what is written.

    :param saved: the draft that is saved over and over
    :param drafts: one for each signature
    """

    staff: list[Login]
    clients: list[ListedClient]
    saved: Written
    drafts: list[Written]
    note: Written

    @property
    def therapist(self) -> Login:
        return self.staff[0]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Scene":
        raw: dict[str, Any] = json.loads(text)
        return cls(
            staff=[Login(**row) for row in raw["staff"]],
            clients=[ListedClient(**row) for row in raw["clients"]],
            saved=Written(**raw["saved"]),
            drafts=[Written(**row) for row in raw["drafts"]],
            note=Written(**raw["note"]),
        )
