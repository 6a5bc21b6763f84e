"""A whole caseload, as a manager moves it: care at once, keys as soon as somebody who holds them passes them on."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.text import get_text_list

from access.acting import Actor, service
from access.roles import Role
from access.services.people import find_user, staff_with
from audit.actors import Named
from clients.models import Care, Client
from clients.services.caring import start_care, waits_for_key
from clients.services.contacts import ListedClient, look_at_contacts
from clients.services.ending import can_end, end_care
from clients.services.finding import NoSuchClient, care_team, clients_of
from clients.services.handing import Outcome, attempt_each
from clients.services.purposes import purpose_of
from clients.services.sharing import keepers_for, sharers_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from access.models import User

# Records whose therapy is over go to a colleague with the others.
_CASELOAD = Q(ended_at=None) | Q(keeps_record=True)
ONLY_RECOVERY = "Only the practice recovery key can pass the keys on."


def browse_caseload(*, by: Actor, therapist: "User", at: datetime) -> list[ListedClient]:
    """List by name whom a therapist has in care; those who are kept from managers are in no list of anybody else's."""
    clients = list(_caseload(by, therapist.pk).order_by("made_at"))
    listed = look_at_contacts(by=by, clients=clients, purpose=purpose_of(by), at=at)
    return sorted(listed, key=lambda row: (row.contact is None, row.label.casefold()))


def find_carer(user_id: UUID) -> "User | None":
    """Find somebody who is a therapist here, or cares for clients although they are none any more."""
    user = find_user(user_id)
    cares = _cares().filter(therapist=user_id).exists()
    return user if user and (cares or any(held.role == Role.THERAPIST for held in user.roles_held.all())) else None


def carers() -> "list[User]":
    """List everybody who may have a caseload."""
    caring = {care.therapist for care in _cares().select_related("therapist")}
    return sorted(caring.union(staff_with(Role.THERAPIST)), key=lambda user: user.display_name)


def move_caseload(
    *, by: Actor, therapist: "User", client_ids: Sequence[UUID], to: "User", at: datetime
) -> list[Outcome]:
    """Put several clients in a colleague's care; the care before ends wherever a colleague holds the keys.

    Sent again once keys were shared, it ends what waited.
    """

    def one(client_id: UUID) -> Outcome:
        client = find_in_caseload(by=by, therapist=therapist, client_id=client_id)
        return _move(by, therapist, client, to, at)

    return attempt_each(one, client_ids, by=by, at=at)


@service
def find_in_caseload(*, by: Actor, therapist: "User", client_id: UUID) -> Client:
    """Find a client of a therapist's.

    :raises NoSuchClient: not theirs, kept from managers, or none
    """
    client = _caseload(by, therapist.pk).filter(pk=client_id).first()
    if client is None:
        raise NoSuchClient(Named("clients.client", client_id))
    return client


def _move(by: Actor, therapist: "User", client: Client, to: "User", at: datetime) -> Outcome:
    """Do what can be done now, and say what it waits for."""
    if to not in care_team(client):
        start_care(by=by, client=client, therapist_id=to.pk, at=at)
    now = Care.objects.filter(client=client, therapist=therapist, ended_at=None).first()
    # Who keeps the record since the therapy ended lets it go when the colleague is given its keys.
    if now and can_end(now):
        end_care(by=by, client=client, therapist_id=therapist.pk, at=at)
    if waits_for_key(therapist=to, client=client):
        return Outcome(client.pk, done=False, words=waiting_words(therapist=to, client=client))
    return Outcome(client.pk, done=True, words=f"In the care of {to.display_name}, who holds the keys.")


def waiting_words(*, therapist: "User", client: Client) -> str:
    """Say that a therapist in care waits, and whose press of Share for."""
    return (
        f"{therapist.display_name} is in care and waits for the key. {way_to_key(therapist=therapist, client=client)}"
    )


def way_to_key(*, therapist: "User", client: Client) -> str:
    """Say whose press of Share gives a therapist in care what they lack."""
    sharers = get_text_list([user.display_name for user in sharers_for(therapist=therapist, client=client)], "or")
    if sharers:
        return f"{sharers} has to press “Share the key”."
    keepers = get_text_list([user.display_name for user in keepers_for(therapist=therapist, client=client)], "or")
    return f"{keepers} has to take the client into care again, and hand over." if keepers else ONLY_RECOVERY


def _cares() -> "QuerySet[Care]":
    # Whoever cares for none but clients who are kept from managers has nobody to be listed for.
    return Care.objects.filter(_CASELOAD, client__hidden=False)


def _caseload(by: Actor, therapist_id: UUID) -> "QuerySet[Client]":
    theirs = Care.objects.filter(_CASELOAD, therapist=therapist_id).values("client")
    return clients_of(by).filter(hidden=False, pk__in=theirs)
