"""What a file is: sealed as one text, so that from outside no name, kind or exact size is seen."""

import json
from dataclasses import asdict, dataclass

from attachments.kinds import Kind


@dataclass(frozen=True, repr=False)
class Facts:
    """One file, in words.

    :param name: with the ending of its kind
    :param description: what whoever attached it says of it
    :param size: in bytes
    :param sha256: of its content, in hex
    """

    name: str
    description: str
    kind: Kind
    size: int
    sha256: str

    def to_text(self) -> str:
        """Write them as one text."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "Facts":
        """Read what :meth:`to_text` wrote."""
        facts = json.loads(text)
        return cls(**{**facts, "kind": Kind(facts["kind"])})
