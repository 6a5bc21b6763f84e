"""Who answers for how long a record is kept: managers, and for hidden records the therapists who cared last."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.actors import Named
from clients.models import Care, Client
from clients.services.finding import NoSuchClient, clients_of, in_care_of, kept_by


class NotYoursToDecide(Refusal):
    """A therapist in care may put a hold on a record; what happens to it otherwise is decided by who answers for it."""

    message = "This is for a manager to decide. You can put a hold on the record while it is in your care."


@service
def find_kept(*, by: Actor, client_id: UUID) -> Client:
    """Find a client whose time of keeping this person may see, closed records too: nothing opens on those pages.

    :raises NoSuchClient: not theirs, or none
    """
    client = kept_for(by).filter(pk=client_id).first()
    if client is None:
        raise NoSuchClient(Named("clients.client", client_id))
    return client


def kept_for(by: Actor) -> QuerySet[Client]:
    """Say whose time of keeping this person may see: of whom they care for, keep the record, or answer for it."""
    near = Q(pk__in=in_care_of(by)) | Q(pk__in=kept_by(by))
    return Client.objects.filter(near | Q(pk__in=answered_for(by).values("pk")))


def answered_for(by: Actor) -> QuerySet[Client]:
    """Say for whose record this person decides."""
    hidden = Q(hidden=True, pk__in=_cared_last(by))
    return Client.objects.filter(hidden | Q(hidden=False) if by.role == Role.MANAGER else hidden)


def lock_to_decide(*, by: Actor, client: Client) -> Client:
    """Lock the row of a client for whom this person decides. Belongs inside the caller's transaction.

    :raises NoSuchClient: destroyed meanwhile
    :raises NotYoursToDecide: they may see its time, and no more
    """
    locked = lock(client)
    if not answered_for(by).filter(pk=locked.pk).exists():
        raise NotYoursToDecide(locked)
    return locked


def lock(client: Client) -> Client:
    """Lock a client's row: a hold and a destruction that meet come one after the other.

    :raises NoSuchClient: destroyed meanwhile
    """
    locked = Client.objects.select_for_update().filter(pk=client.pk).first()
    if locked is None:
        raise NoSuchClient(Named("clients.client", client.pk))
    return locked


def lock_known(*, by: Actor, client: Client) -> Client:
    """Lock a client's row, and look again whether this person may know of them. Belongs inside a transaction.

    :raises NoSuchClient: meanwhile kept from managers, no longer in care, or destroyed
    """
    locked = lock(client)
    if not clients_of(by).filter(pk=locked.pk).exists():
        raise NoSuchClient(locked)
    return locked


def _cared_last(by: Actor) -> "QuerySet[Care, UUID]":
    others = Care.objects.filter(client=OuterRef("client"))
    later = others.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=OuterRef("ended_at")))
    mine = Care.objects.filter(therapist=by.user)
    return mine.filter(Q(ended_at__isnull=True) | ~Exists(later)).values_list("client", flat=True)
