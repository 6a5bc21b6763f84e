"""How much there is of everything, and how often it is asked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """What a run is about.

    :param clients: of the first therapist
    :param staff: therapists, who also sign in at once
    :param grants: wrapped anew
    :param notes: in the vault that gets its next key
    :param records: that are searched
    :param searched: notes in these records
    :param runs: how often each page is asked, after the warm-up
    :param warm_up: how often each page is asked before
    :param turns: how often keys are replaced, and records searched
    """

    clients: int = 50
    staff: int = 8
    grants: int = 200
    notes: int = 1000
    records: int = 200
    searched: int = 10_000
    runs: int = 30
    warm_up: int = 4
    turns: int = 5


# Made in seconds: it shows that both sides answer, and its numbers say nothing.
SMALL = Size(clients=3, staff=2, grants=10, notes=20, records=3, searched=6, runs=1, warm_up=1, turns=1)
