"""The end of a therapy: its last therapist keeps the record, to read and to answer for; and the way back into care."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_staff
from access.services.withdrawing import withdraw_from_client
from audit.actors import Named
from audit.acts import Act, Purpose
from audit.services import record
from clients.models import Care, Client
from clients.services.answering import lock
from clients.services.contacts import look_at_contacts
from clients.services.covers import close_covers, find_client_or_covered
from clients.services.ending import can_end, let_go
from clients.services.finding import NoSuchClient, care_team, kept_by
from clients.services.keeping import Keeping, keepings_of
from clients.services.letters import write_letter
from clients.services.purposes import purpose_of
from clients.services.sharing import lock_in_care
from clients.services.supervised import end_supervised
from clients.services.taking_back import end_handed

if TYPE_CHECKING:
    from access.models import User


class ColleaguesInCare(Refusal):
    """A therapy is over for everybody, or for nobody."""

    message = "A colleague cares for this client too, so only your own care can end here. Nothing was changed."


@dataclass(frozen=True)
class Ended:
    """A record whose therapy is over, as the list of its keeper shows it.

    :param carers: into whose care a manager has put the client since, who wait for the keys
    """

    label: str
    keeping: Keeping
    carers: list[str]


@service
@transaction.atomic(durable=True)
def end_therapy(*, by: Actor, client: Client, at: datetime) -> Care:
    """End the last care of a client. Its therapist keeps every key; covers, custody and open invitations end.

    :raises NoSuchClient: no longer in this person's care
    :raises ColleaguesInCare: see there
    """
    client = lock_in_care(by=by, client=client)
    if care_team(client) != [by.user]:
        raise ColleaguesInCare(client)
    text = (
        f"Your therapy with {by.display_name} is over. {by.display_name} keeps your record. You can go on reading "
        "what you signed, and see who can open your record."
    )
    write_letter(by=by, client=client, text=text, at=at)
    close_covers(client, by=by, at=at)
    end_handed(client, by=by, therapist=by.user, at=at)
    end_supervised(client, by=by, at=at)
    care = Care.objects.get(client=client, therapist=by.user, ended_at=None)
    care.ended_at, care.keeps_record = at, True
    care.save(update_fields=["ended_at", "keeps_record"])
    if withdraw_from_client(subject=client.pk, at=at):
        record(Act.INVITATION_WITHDRAWN, by=by, target=client, purpose=purpose_of(by), at=at)
    record(Act.THERAPY_ENDED, by=by, target=care, purpose=purpose_of(by), at=at)
    return care


@service
@transaction.atomic(durable=True)
def resume_care(*, by: Actor, client: Client, at: datetime) -> Care:
    """Take a client into care again whose record this person keeps. The keys were never taken back.

    :raises NoSuchClient: theirs to keep no more
    """
    # The account first, then the client, as whoever ends an account does.
    therapist, client = lock_staff(by.user.pk, role=Role.THERAPIST), lock(client)
    if therapist is None or not kept_by(by).filter(client=client).exists():
        raise NoSuchClient(client)
    care = take_into_care(client, therapist, at=at)
    write_letter(by=by, client=client, text=f"{by.display_name} looks after you again, from now on.", at=at)
    record(Act.CARE_RESUMED, by=by, target=care, purpose=purpose_of(by), at=at)
    return care


def take_into_care(client: Client, therapist: "User", *, at: datetime) -> Care:
    """Put a client in a therapist's care, who may have kept the record until now. In the caller's transaction."""
    Care.objects.filter(client=client, therapist=therapist, keeps_record=True).update(keeps_record=False)
    care, _ = Care.objects.get_or_create(client=client, therapist=therapist, ended_at=None, defaults={"started_at": at})
    return care


def let_keepers_go(client: Client, *, by: Actor, at: datetime) -> None:
    """Take the keys back from whoever kept a record that a colleague in care can open now. In the caller's transaction.

    What that colleague writes is not the keeper's to read.
    """
    for kept in Care.objects.filter(client=client, keeps_record=True).select_related("client", "therapist"):
        if can_end(kept):
            let_go(kept, by=by, at=at)


@service
def find_ended(*, by: Actor, client_id: UUID) -> Client:
    """Find a client whose record this person keeps since the therapy ended.

    :raises NoSuchClient: not theirs to keep, or none
    """
    client = Client.objects.filter(pk__in=kept_by(by), pk=client_id).first()
    if client is None:
        raise NoSuchClient(Named("clients.client", client_id))
    return client


def find_record(*, by: Actor, client_id: UUID) -> Client:
    """Find a client in this person's care, opened under cover, or whose record they keep since the therapy ended.

    :raises NoSuchClient: none of these, or none; the address as asked is in the log
    :raises CoverClosed: opened under cover once, and closed again
    """
    keeps = kept_by(by).filter(client=client_id).exists()
    return find_ended(by=by, client_id=client_id) if keeps else find_client_or_covered(by=by, client_id=client_id)


def browse_ended(*, by: Actor, at: datetime) -> list[Ended]:
    """List by name whose record this person keeps, and until when; the look names everybody shown."""
    clients = list(Client.objects.filter(pk__in=kept_by(by)).order_by("made_at"))
    return sorted(_listed(by, clients, at), key=lambda row: row.label.casefold())


def _listed(by: Actor, clients: Sequence[Client], at: datetime) -> list[Ended]:
    listed = look_at_contacts(by=by, clients=clients, purpose=Purpose.OPERATIONS, at=at)
    return [
        Ended(row.label, keeping, row.carers) for row, keeping in zip(listed, keepings_of(clients, at=at), strict=True)
    ]
