"""What a therapist's first page says about supervision: theirs, and that of colleagues in training."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from access.acting import Actor
from audit.acts import Ground
from audit.entries import Basis
from clients.services.supervised import supervised_by, supervision_of, supervisions_by
from clients.services.supervising import count_ungiven
from measures.services.waiting import Waiting, look_for_waiting
from notes.models import Note
from notes.services.cosigned import CosignState, cosignings_of
from notes.services.cosigning import browse_to_cosign
from notes.services.finding import notes_of

if TYPE_CHECKING:
    from clients.models.training import Supervision


@dataclass(frozen=True)
class Urgent:
    """An answer that cannot wait, of somebody whom a colleague in training cares for."""

    waiting: Waiting
    therapist: str


@dataclass(frozen=True)
class CosignDesk:
    """Supervision on the first page.

    :param supervision: the one that this therapist is under
    :param ungiven: how many records their supervisor does not reach
    :param asked: their notes for which changes are asked, each with the client's name
    :param supervises: the supervisions that they hold themselves
    :param to_cosign: what waits for their signature, the oldest first; clients are told by code
    """

    supervision: "Supervision | None"
    ungiven: int
    asked: list[tuple[Note, str]]
    supervises: "list[Supervision]"
    urgent: list[Urgent]
    to_cosign: list[Note]


def cosign_desk_of(*, by: Actor, labels: Mapping[UUID, str], at: datetime) -> CosignDesk:
    """Gather what is said about supervision; answers of supervised clients that could be urgent are opened.

    :param labels: the names of this therapist's clients, as the page opened them
    """
    supervision, supervises = supervision_of(by.user), supervisions_by(by)
    return CosignDesk(
        supervision=supervision,
        ungiven=count_ungiven(by=by, at=at) if supervision else 0,
        asked=_asked(by, labels, supervision) if supervision else [],
        supervises=supervises,
        urgent=[urgent for one in supervises for urgent in _urgent(by, one, at)],
        to_cosign=browse_to_cosign(by=by) if supervises else [],
    )


def _asked(by: Actor, labels: Mapping[UUID, str], supervision: "Supervision") -> list[tuple[Note, str]]:
    mine = Q(author=by.user) | Q(addenda__author=by.user)
    notes = notes_of(by).filter(mine, wishes__isnull=False, client__in=labels).defer("sealed_body", "signature")
    rows = list(notes.distinct().order_by("signed_at"))
    found = cosignings_of(rows, supervisor=supervision.supervisor_id)
    asked = [note for note in rows if note.pk in found and found[note.pk].state is CosignState.ASKED]
    return [(note, labels[note.client_id]) for note in asked]


def _urgent(by: Actor, supervision: "Supervision", at: datetime) -> list[Urgent]:
    clients = [row.client for row in supervised_by(by).filter(supervision=supervision)]
    basis = Basis(Ground.SUPERVISION, supervision.pk)
    found = look_for_waiting(by=by, clients=clients, basis=basis, at=at)
    # What can wait is the therapist's to read and close.
    return [Urgent(one, supervision.therapist.display_name) for one in found if one.is_first]
