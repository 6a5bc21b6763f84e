"""Why something goes on paper, from a closed list."""

from collections.abc import Mapping
from enum import StrEnum, unique

from audit.acts import Purpose


@unique
class PrintWhy(StrEnum):
    """What the paper is for."""

    CLIENTS_HAND = "clients_hand"
    BESIDE_ME = "beside_me"
    PAPER_FILE = "paper_file"
    LEGAL_DUTY = "legal_duty"

    @property
    def purpose(self) -> Purpose:
        return _PURPOSES[self]


PRINT_WORDS: Mapping[PrintWhy, str] = {
    PrintWhy.CLIENTS_HAND: "For the client’s hand\nWithout the name of the practice, unless the client wants it",
    PrintWhy.BESIDE_ME: "To have beside me in a session",
    PrintWhy.PAPER_FILE: "For the practice’s files on paper",
    PrintWhy.LEGAL_DUTY: "A judge’s order, or another legal duty",
}
_PURPOSES: Mapping[PrintWhy, Purpose] = {
    PrintWhy.CLIENTS_HAND: Purpose.TREATMENT,
    PrintWhy.BESIDE_ME: Purpose.TREATMENT,
    PrintWhy.PAPER_FILE: Purpose.RECORD_MANAGEMENT,
    PrintWhy.LEGAL_DUTY: Purpose.LEGAL,
}
