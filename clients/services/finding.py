"""Lock 2: the only way to a client."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.actors import Named
from clients.kinds import Cause
from clients.models import Care, Client
from clients.models.cover import Cover
from clients.models.reach import Closed, Reach
from clients.models.retention import Destruction, Hold, Tombstone
from clients.models.training import Supervised
from keys.prepared import Prepared

if TYPE_CHECKING:
    from access.models import User


class NoSuchClient(Refusal):
    """Not in your care, or not existing: the same words and the same work."""

    message = "There is no such page."


@service
def find_client(*, by: Actor, client_id: UUID) -> Client:
    """Find a client this person may know of.

    :raises NoSuchClient: not theirs, or none; the address as asked is in the log
    """
    client = clients_of(by).filter(pk=client_id).first()
    if client is None:
        raise NoSuchClient(Named("clients.client", client_id))
    return client


def clients_of(by: Actor) -> QuerySet[Client]:
    """Say whom this person may know of: by care, by managing, or because it is themselves."""
    in_care = Q(pk__in=in_care_of(by))
    match by.role:
        case Role.THERAPIST:
            return Client.objects.filter(in_care)
        case Role.MANAGER:
            # A manager who is a therapist too goes on seeing those of their own whom no other manager sees.
            return Client.objects.filter(Q(hidden=False) | in_care).exclude(pk__in=closed_clients())
        case Role.CLIENT:
            # What is to be destroyed stays the client's own to read, to the end.
            return Client.objects.filter(user=by.user).exclude(pk__in=destroyed_clients())
        case _:
            return Client.objects.none()


def in_care_of(by: Actor) -> "QuerySet[Reach, UUID]":
    """Say whom this person has in their care now, by id, for a query."""
    return _in_care_at(by.user.pk)


def is_in_care(*, by: Actor, client: Client) -> bool:
    """Say whether this person has a client in their care now."""
    return _cared_for.any(therapist=by.user.pk, client=client.pk)


def _in_care_at(therapist: UUID) -> "QuerySet[Reach, UUID]":
    return Reach.objects.filter(therapist=therapist, cause=Cause.CARE).values_list("client", flat=True)


@Prepared
def _cared_for(therapist: UUID, client: UUID) -> "QuerySet[Reach, UUID]":
    return _in_care_at(therapist).filter(client=client)


def kept_by(by: Actor) -> "QuerySet[Reach, UUID]":
    """Say whose record this person keeps since their therapy ended, by id, for a query."""
    return Reach.objects.filter(therapist=by.user, cause=Cause.KEPT).values_list("client", flat=True)


def closed_clients() -> "QuerySet[Closed, UUID]":
    """Say whose record is closed, by id, for a query: it will be destroyed, or a restore brought back what was."""
    return Closed.objects.values_list("client", flat=True)


def destroyed_clients() -> "QuerySet[Tombstone, UUID]":
    """Say who has a tombstone, by id, for a query: such a row of a client is there only since a restore."""
    return Tombstone.objects.values_list("client_id", flat=True)


def standing_destructions(client_ids: Collection[UUID] | None = None) -> QuerySet[Destruction]:
    """Say which decisions to destroy were not undone."""
    standing = Destruction.objects.filter(undone_at__isnull=True)
    return standing if client_ids is None else standing.filter(client__in=client_ids)


def standing_holds(client_ids: Collection[UUID]) -> QuerySet[Hold]:
    """Say which holds on these clients' records were not lifted."""
    return Hold.objects.filter(client__in=client_ids, lifted_at__isnull=True)


def was_in_care(therapist: UUID, *, client: str, moment: str) -> Exists:
    """Say for a query whether a row's client is in somebody's care, or was at the row's moment.

    :param client: the row's column that names the client
    :param moment: the row's column with the moment
    """
    lasted = Q(ended_at__isnull=True) | Q(ended_at__gte=OuterRef(moment))
    return Exists(Care.objects.filter(lasted, client=OuterRef(client), therapist=therapist))


def end_of_care(*, by: Actor, client: Client, covering: datetime) -> datetime | None:
    """Say when that care of this person's ended that covers a moment; None where no care that has ended does."""
    care = Care.objects.filter(client=client, therapist=by.user, started_at__lte=covering, ended_at__gte=covering)
    return care.values_list("ended_at", flat=True).order_by("ended_at").last()


def care_team(client: Client) -> "list[User]":
    """List the therapists who have a client in their care now, whoever began first at the head."""
    now = Care.objects.filter(client=client, ended_at__isnull=True).select_related("therapist")
    return [care.therapist for care in now.order_by("started_at")]


def care_teams(clients: Sequence[Client]) -> "dict[UUID, list[User]]":
    """List the therapists who have each of these clients in their care now, whoever began first at the head."""
    teams: dict[UUID, list[User]] = {client.pk: [] for client in clients}
    now = Care.objects.filter(client__in=clients, ended_at__isnull=True).select_related("therapist")
    for care in now.order_by("started_at"):
        teams[care.client_id].append(care.therapist)
    return teams


def keepers_of(client: Client) -> "list[User]":
    """List the therapists who keep a client's record since their therapy ended."""
    kept = Care.objects.filter(client=client, keeps_record=True).select_related("therapist")
    return [care.therapist for care in kept.order_by("ended_at")]


def carers_of(clients: Sequence[Client]) -> dict[UUID, list[str]]:
    """List by name who has each of these clients in their care now."""
    return _names_by_client(clients, Care.objects.filter(ended_at__isnull=True))


def names_of_keepers(clients: Sequence[Client]) -> dict[UUID, list[str]]:
    """List by name who keeps each of these records since the therapy ended."""
    return _names_by_client(clients, Care.objects.filter(keeps_record=True))


def _names_by_client(clients: Sequence[Client], cares: QuerySet[Care]) -> dict[UUID, list[str]]:
    names: dict[UUID, list[str]] = {client.pk: [] for client in clients}
    rows = cares.filter(client__in=clients).order_by("started_at")
    for client_id, name in rows.values_list("client_id", "therapist__display_name"):
        names[client_id].append(name)
    return names


def names_of_carers(ids: Collection[UUID]) -> dict[UUID | None, str]:
    """Look up by the id of a care, cover or supervision whose it is, or was: staff have their names in the clear."""
    care = Care.objects.filter(pk__in=ids).values_list("pk", "therapist__display_name")
    covers = Cover.objects.filter(pk__in=ids).values_list("pk", "colleague__display_name")
    given = Supervised.objects.filter(pk__in=ids).values_list("pk", "supervision__supervisor__display_name")
    return dict(care.union(covers, given))


def codes_of(handles: list[bytes], *, by: Actor) -> dict[bytes, str]:
    """Look up the codes behind log handles, of clients this person may know of."""
    rows = clients_of_log(by).filter(log_handle__in=handles)
    return {bytes(handle): code for handle, code in rows.values_list("log_handle", "code")}


def clients_of_log(by: Actor) -> QuerySet[Client]:
    """Say whose codes the log may show: all but hidden ones, to managers and auditors."""
    return Client.objects.filter(hidden=False) if by.role in (Role.MANAGER, Role.AUDITOR) else clients_of(by)
