"""Lock 2 under cover: who covers for whom, and whose record somebody has opened under cover and may read now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from access.acting import Actor, service
from access.roles import Role
from audit.actors import Named
from clients.kinds import Cause
from clients.models import Care, Client
from clients.models.cover import Cover, Opening
from clients.models.reach import Reach
from clients.services.finding import NoSuchClient, clients_of, closed_clients, is_in_care
from clients.services.sharing import CARE_KINDS
from keys.prepared import Prepared
from keys.services import Place, end_loans

if TYPE_CHECKING:
    from access.models import User

Reached = QuerySet[Reach, UUID]


class CoverClosed(NoSuchClient):
    """The time is over for which this person had opened the record: closed to them as to anybody."""


@service
def find_client_or_covered(*, by: Actor, client_id: UUID) -> Client:
    """Find a client this person may know of, or whose record they have opened under cover.

    :raises NoSuchClient: neither, or none; the address as asked is in the log
    :raises CoverClosed: opened under cover once, and closed again
    """
    client = reachable_by(by).filter(pk=client_id).first()
    if client is None:
        raise no_such(by=by, client_id=client_id, asked=Named("clients.client", client_id))
    return client


def no_such(*, by: Actor, client_id: UUID, asked: Named) -> NoSuchClient:
    """Say what was not found: to whoever had it open, that it closed, so that what they typed is given back."""
    had_it_open = Opening.objects.filter(cover__client=client_id, cover__colleague=by.user).exists()
    return CoverClosed(asked) if had_it_open else NoSuchClient(asked)


def reachable_by(by: Actor) -> QuerySet[Client]:
    """Say whom this person may know of now, those among them whose record they have opened under cover."""
    return Client.objects.filter(pk__in=reached_by(by)) if by.role == Role.THERAPIST else clients_of(by)


def is_reachable(*, by: Actor, client: Client) -> bool:
    """Say whether this therapist may read this record now, by care or by cover."""
    return by.role == Role.THERAPIST and _reached.any(therapist=by.user.pk, client=client.pk, now=timezone.now())


def is_readable(*, by: Actor, client: Client) -> bool:
    """Say whether this therapist may read this client's notes now, see :func:`readable_by`."""
    return by.role == Role.THERAPIST and _readable.any(therapist=by.user.pk, client=client.pk, now=timezone.now())


def reached_by(by: Actor) -> Reached:
    """Say whose record this therapist may read now, by care or by cover, by id, for a query."""
    return _by(by, reached_at)


def readable_by(by: Actor) -> Reached:
    """Say whose notes this therapist may read now, also where the therapy is over and they keep the record."""
    return _by(by, readable_at)


def opened_by(by: Actor) -> Reached:
    """Say whose record this person has opened under cover and not lost again, by id, for a query."""
    return _by(by, opened_at)


def reached_at(therapist: UUID, now: datetime) -> Reached:
    """Say what :func:`reached_by` says, for a question that is prepared."""
    return _reach(Q(cause=Cause.CARE) | _open_at(now), therapist)


def readable_at(therapist: UUID, now: datetime) -> Reached:
    """Say what :func:`readable_by` says, for a question that is prepared."""
    return _reach(~Q(cause=Cause.COVER) | _open_at(now), therapist)


def opened_at(therapist: UUID, now: datetime) -> Reached:
    """Say what :func:`opened_by` says, for a question that is prepared."""
    return _reach(_open_at(now), therapist)


@Prepared
def _reached(therapist: UUID, client: UUID, now: datetime) -> Reached:
    return reached_at(therapist, now).filter(client=client)


@Prepared
def _readable(therapist: UUID, client: UUID, now: datetime) -> Reached:
    return readable_at(therapist, now).filter(client=client)


def _by(by: Actor, rule: Callable[[UUID, datetime], Reached]) -> Reached:
    # By the clock of the moment, as grants are: whoever reads something does it now.
    reached = rule(by.user.pk, timezone.now())
    return reached if by.role == Role.THERAPIST else reached.none()


def _reach(causes: Q, therapist: UUID) -> Reached:
    return Reach.objects.filter(causes, therapist=therapist).values_list("client", flat=True)


def _open_at(now: datetime) -> Q:
    return Q(cause=Cause.COVER, since__lte=now, until__gt=now)


def running_covers(*, at: datetime) -> QuerySet[Cover]:
    """Say which covers let somebody open a record at a moment: only while whoever gave them cares for the client."""
    return standing_covers(at=at).filter(starts_at__lte=at)


def standing_covers(*, at: datetime) -> QuerySet[Cover]:
    """Say which covers run, or will."""
    giver = Care.objects.filter(client=OuterRef("client"), therapist=OuterRef("given_by"), ended_at=None)
    covers = Cover.objects.filter(Exists(giver), ended_at=None, ends_at__gt=at)
    return covers.exclude(client__in=closed_clients()).select_related("client", "colleague", "given_by")


def covers_of(client: Client, *, at: datetime) -> list[Cover]:
    """List who covers for a client, or will, whoever comes first at the head."""
    return list(standing_covers(at=at).filter(client=client).order_by("starts_at", "colleague__display_name"))


def covers_of_all(clients: Sequence[Client], *, at: datetime) -> dict[UUID, list[Cover]]:
    """List the same for each of several clients."""
    covers: dict[UUID, list[Cover]] = {client.pk: [] for client in clients}
    for cover in standing_covers(at=at).filter(client__in=clients).order_by("starts_at", "colleague__display_name"):
        covers[cover.client_id].append(cover)
    return covers


def opened_until(*, by: Actor, client: Client) -> datetime | None:
    """Say how long this person still has open what they opened under cover; None where care is what lets them in."""
    if is_in_care(by=by, client=client):
        return None
    return opened_by(by).filter(client=client).order_by("-until").values_list("until", flat=True).first()


@dataclass(frozen=True)
class Window:
    """From when until when somebody had a record open, and as what, such as "covering for Dana Whitlock".

    :param basis: what the entries say that allowed it, where somebody does other things with the record meanwhile
    """

    colleague: UUID
    why: str
    opened_at: datetime
    closed_at: datetime
    basis: str = ""


def windows_of(client: Client) -> list[Window]:
    """List when a client's record was open under cover, those windows too that are closed."""
    rows = Opening.objects.filter(cover__client=client).select_related("cover__given_by")
    return [
        Window(
            colleague=row.cover.colleague_id,
            why=f"covering for {row.cover.given_by.display_name}",
            opened_at=row.opened_at,
            closed_at=min(row.until, row.cover.ended_at or row.until),
        )
        for row in rows
    ]


def close_covers(client: Client, *, by: Actor, at: datetime, **which: "User | UUID") -> int:
    """End covers of a client and take their keys back. Belongs inside the caller's transaction.

    :param which: by whom they were given, who covers, or the cover's own id
    :returns: how many stood
    """
    covers = list(Cover.objects.filter(client=client, ended_at=None, **which))
    for cover in covers:
        for kind in CARE_KINDS:
            end_loans(by=by.keys, place=Place(kind, client.pk), holder=cover.colleague_id, at=at)
    Cover.objects.filter(pk__in=[cover.pk for cover in covers]).update(ended_at=at)
    return len(covers)


def forget_lapsed(client: Client, *, at: datetime) -> None:
    """Note that covers ended whose time is over, so that the same colleague can be named again."""
    Cover.objects.filter(client=client, ended_at=None, ends_at__lte=at).update(ended_at=F("ends_at"))
