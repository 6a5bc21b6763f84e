"""Lock 2 for supervisors: whose records a colleague in training gave them, and what of that stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from access.acting import Actor, service
from access.roles import Role
from audit.actors import Named
from audit.acts import Act, Ground
from audit.entries import Basis
from audit.services import record
from clients.models import Care, Client
from clients.models.training import Supervised, Supervision
from clients.services.covers import Window
from clients.services.finding import NoSuchClient, closed_clients
from clients.services.purposes import purpose_of
from clients.services.sharing import CARE_KINDS
from keys.services import Place, end_loans

if TYPE_CHECKING:
    from access.models import User

# Longer than most trainings stay at one place; then the therapist gives the keys anew, or lets them end.
LASTS = timedelta(days=365)


class SupervisionClosed(NoSuchClient):
    """This person could read the record as a supervisor, and cannot any more."""


@dataclass(frozen=True)
class InTraining:
    """A therapist whose supervisor may read one client's record, by name."""

    therapist: str
    supervisor: str


def supervision_of(user: "User") -> Supervision | None:
    """Find the supervision that a therapist is under now, if they are."""
    return Supervision.objects.filter(therapist=user, ended_at=None).select_related("supervisor", "therapist").first()


def supervisions_by(by: Actor) -> list[Supervision]:
    """List whom this person supervises now, by name."""
    rows = Supervision.objects.filter(supervisor=by.user, ended_at=None).select_related("therapist", "supervisor")
    return list(rows.order_by("therapist__display_name")) if by.role == Role.THERAPIST else []


def every_supervision() -> list[Supervision]:
    """List every supervision that there is or was, the oldest first: a handful, as trainings go."""
    return list(Supervision.objects.select_related("therapist", "supervisor").order_by("named_at"))


def any_supervision() -> Exists:
    """Say for a query whether anybody is or was in training here at all."""
    return Exists(Supervision.objects.all())


def supervised_at(at: datetime) -> QuerySet[Supervised]:
    """Say whose records supervisors reach at a moment: only while their therapist in training cares for the client."""
    care = Care.objects.filter(client=OuterRef("client"), therapist=OuterRef("supervision__therapist"), ended_at=None)
    rows = Supervised.objects.filter(Exists(care), ended_at=None, supervision__ended_at=None, until__gt=at)
    rows = rows.exclude(client__in=closed_clients())
    return rows.select_related("client", "supervision__therapist", "supervision__supervisor")


def supervised_by(by: Actor) -> QuerySet[Supervised]:
    """Say whose record this person reaches as a supervisor now."""
    # By the clock of the moment, as grants are: whoever reads something does it now.
    rows = supervised_at(timezone.now()).filter(supervision__supervisor=by.user)
    return rows if by.role == Role.THERAPIST else rows.none()


@service
def find_supervised(*, by: Actor, client_id: UUID) -> Supervised:
    """Find a client whose record this person may read as a supervisor now.

    :raises NoSuchClient: none; the address as asked is in the log
    :raises SupervisionClosed: it was so, and is not any more
    """
    row = supervised_by(by).filter(client=client_id).first()
    if row is None:
        raise no_such_supervised(by=by, client_id=client_id, asked=Named("clients.client", client_id))
    return row


def no_such_supervised(*, by: Actor, client_id: UUID | None, asked: Named) -> NoSuchClient:
    """Say what was not found: to whoever had it before, that it closed, so that what they typed is given back."""
    had_it = Supervised.objects.filter(client=client_id, supervision__supervisor=by.user).exists()
    return SupervisionClosed(asked) if had_it else NoSuchClient(asked)


def basis_of_supervision(supervised: Supervised) -> Basis:
    """Say for an entry that a supervision allowed it."""
    return Basis(Ground.SUPERVISION, supervised.supervision_id)


def end_supervised(client: Client, *, by: Actor, at: datetime, which: Q | None = None) -> None:
    """Take a client's record back from supervisors, with an entry for each. Belongs inside the caller's transaction.

    :param which: of whom, where it is not everybody; an ended row is never among them
    """
    for row in take_from_supervisors(client, by=by, at=at, which=which):
        record(Act.SUPERVISION_TAKEN_BACK, by=by, target=row, purpose=purpose_of(by), at=at)


def take_from_supervisors(client: Client, *, by: Actor, at: datetime, which: Q | None = None) -> "list[Supervised]":
    """Do so as a part of what has an entry of its own. Belongs inside the caller's transaction.

    :param which: see :func:`end_supervised`
    :returns: the rows that this ended
    """
    rows = list(
        Supervised.objects.filter(which or Q(), client=client, ended_at=None).select_related("client", "supervision")
    )
    for row in rows:
        for kind in CARE_KINDS:
            # What the supervisor holds because they care for the client themselves is no loan, and stays.
            end_loans(by=by.keys, place=Place(kind, client.pk), holder=row.supervision.supervisor_id, at=at)
    Supervised.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=at)
    return rows


def supervised_of(client: Client, *, at: datetime) -> list[Supervised]:
    """List which supervisors reach a client now."""
    return list(supervised_at(at).filter(client=client).order_by("given_at"))


def in_training_with(client: Client, *, at: datetime) -> list[InTraining]:
    """List for the client's own pages who of their therapists is in training, and whose supervisor may read."""
    supervisions = (row.supervision for row in supervised_of(client, at=at))
    return [InTraining(one.therapist.display_name, one.supervisor.display_name) for one in supervisions]


def supervisors_with_keys(client: Client, *, at: datetime) -> Mapping[UUID, str]:
    """Say for which therapist each supervisor reaches a client now."""
    supervisions = (row.supervision for row in supervised_of(client, at=at))
    return {one.supervisor_id: one.therapist.display_name for one in supervisions}


def supervision_windows_of(client: Client) -> list[Window]:
    """List when a supervisor reached a client, those times too that are over."""
    rows = Supervised.objects.filter(client=client).select_related("supervision__therapist")
    return [
        Window(
            colleague=row.supervision.supervisor_id,
            why=f"as supervisor of {row.supervision.therapist.display_name}",
            opened_at=row.given_at,
            closed_at=min(row.until, row.ended_at or row.until),
            basis=Ground.SUPERVISION,
        )
        for row in rows
    ]
