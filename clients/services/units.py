"""Couples, families and groups: a record of its own about people who are each a client besides.

Whoever reads one of these records learns of those members alone whom they care for themselves. No entry of the log
names two people, and none of a member's record names the unit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_people, staff_with
from audit.actors import Named
from audit.acts import Act
from audit.services import record
from clients.kinds import TOGETHER, ClientKind
from clients.models import Client
from clients.models.units import Member
from clients.services.contacts import Contact, ListedClient, look_at_contacts, look_up_label
from clients.services.finding import NoSuchClient, in_care_of
from clients.services.inviting import contact_readers, make_client
from clients.services.purposes import purpose_of
from clients.services.sharing import lock_in_care

Belongings = Mapping[bytes, Sequence[Member]]

LARGEST = 12
_FEWEST = 2


class NotTogether(Refusal):
    """One person alone, too many, or somebody who is not a client of this therapist's own."""

    message = f"Please choose from {_FEWEST} to {LARGEST} people who are in your care. Nothing was changed."


class KeptFromManagers(Refusal):
    """Managers know of this record, and are not to learn of somebody in it."""

    message = (
        "Somebody who would belong here is kept from managers, and this record is not. Keep this record from managers "
        "first. Nothing was changed."
    )


@dataclass(frozen=True)
class NewUnit:
    """Who comes together. `name` is what its pages say; `form` is one filled-in form, sent once."""

    kind: ClientKind
    name: str
    members: frozenset[UUID]
    form: UUID


@dataclass(frozen=True)
class Seat:
    """Somebody who belongs. `label` is their name, or code; none where they are not in the reader's care."""

    member: Member
    label: str | None


@service
def find_unit(*, by: Actor, unit_id: UUID) -> Client:
    """Find a couple, family or group in this person's care.

    :raises NoSuchClient: none, or one person's record; the address as asked is in the log
    """
    unit = Client.objects.filter(pk=unit_id, pk__in=in_care_of(by)).exclude(kind=ClientKind.ONE).first()
    if unit is None:
        raise NoSuchClient(Named("clients.client", unit_id))
    return unit


@service
@transaction.atomic(durable=True)
def make_unit(*, by: Actor, new: NewUnit, at: datetime) -> Client:
    """Make a record for several of one's own clients, with vaults of its own. Restricted if one of them is.

    :raises NotTogether: see there
    :raises KeyRefused: somebody who would get the key is not confirmed
    """
    # Nobody is given a key while their account ends.
    lock_people([by.user.pk, *(manager.pk for manager in staff_with(Role.MANAGER))])
    unit = Client(pk=uuid5(new.form, "unit"), kind=new.kind, made_at=at)
    known = Client.objects.filter(pk=unit.pk, pk__in=in_care_of(by)).first()
    if known is not None:
        return known
    people = _lock_people_in_care(by, new.members)
    if not _FEWEST <= len(people) <= LARGEST or len(people) < len(new.members):
        raise NotTogether
    unit.hidden = any(person.hidden for person in people)
    readers = contact_readers(by=by, therapist=by.user, hidden=unit.hidden)
    make_client(by=by, client=unit, contact=Contact(new.name, ""), therapist=by.user, readers=readers)
    Member.objects.bulk_create(Member(unit=unit, client=person, joined_at=at) for person in people)
    record(Act.UNIT_MADE, by=by, target=unit, purpose=purpose_of(by), fields=[new.kind], at=at)
    return unit


@service
@transaction.atomic(durable=True)
def add_member(*, by: Actor, unit: Client, client_id: UUID, at: datetime) -> None:
    """Let somebody more come, from now on. Asked twice, nothing more happens.

    :raises NoSuchClient: the unit is no longer in this person's care
    :raises NotTogether, KeptFromManagers: see there
    """
    unit = _lock_unit(by, unit)
    people, now = _lock_people_in_care(by, [client_id]), current_members(unit)
    if not people or now.count() >= LARGEST:
        raise NotTogether(unit)
    if now.filter(client=client_id).exists():
        return
    if people[0].hidden and not unit.hidden:
        raise KeptFromManagers(unit)
    Member.objects.create(unit=unit, client=people[0], joined_at=at)
    record(Act.UNIT_JOINED, by=by, target=unit, purpose=purpose_of(by), at=at)


@service
@transaction.atomic(durable=True)
def remove_member(*, by: Actor, unit: Client, member_id: UUID, at: datetime) -> None:
    """Note that somebody no longer comes. What was written while they came stays. Asked twice, nothing more happens.

    :raises NoSuchClient: the unit is no longer in this person's care
    """
    unit = _lock_unit(by, unit)
    if current_members(unit).filter(pk=member_id).update(left_at=at):
        record(Act.UNIT_LEFT, by=by, target=unit, purpose=purpose_of(by), at=at)


def current_members(unit: Client) -> QuerySet[Member]:
    """Say who belongs now."""
    return Member.objects.filter(unit=unit, left_at=None)


def members_between(unit: Client, *, still_at: datetime, joined_by: datetime) -> set[UUID]:
    """Say by id who had joined by one moment and had not left by another.

    Who joined between the two counts only as long as they belong: a mistake is mended by taking them out again.
    """
    stayed = Q(left_at=None) | Q(left_at__gt=still_at, joined_at__lte=still_at)
    return set(Member.objects.filter(stayed, unit=unit, joined_at__lte=joined_by).values_list("client", flat=True))


def belongings_of(client: Client) -> Belongings:
    """List when somebody belongs, or belonged, to which units, by the handles of those in the log."""
    rows = Member.objects.filter(client=client, unit__kind__in=TOGETHER).select_related("unit").order_by("joined_at")
    belongs: dict[bytes, list[Member]] = {}
    for row in rows:
        belongs.setdefault(row.unit.audit_handle, []).append(row)
    return belongs


def members_of_units(unit_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """List by id who belongs to each of several units now."""
    members: dict[UUID, list[UUID]] = {unit_id: [] for unit_id in unit_ids}
    rows = Member.objects.filter(unit__in=unit_ids, left_at=None).order_by("joined_at", "pk")
    for unit_id, client_id in rows.values_list("unit", "client"):
        members[unit_id].append(client_id)
    return members


def is_part_of_known(*, by: Actor, client: Client) -> bool:
    """Say whether somebody belongs to a unit in this person's care that managers know of."""
    units = Client.objects.filter(pk__in=in_care_of(by), hidden=False)
    return Member.objects.filter(client=client, left_at=None, unit__in=units).exists()


def has_restricted_member(unit: Client) -> bool:
    """Say whether somebody who belongs is kept from managers; none becomes so until the caller's transaction ends."""
    members = Client.objects.select_for_update().filter(pk__in=current_members(unit).values("client"))
    return any(member.hidden for member in members.order_by("pk"))


def look_at_members(*, by: Actor, unit: Client, at: datetime) -> list[Seat]:
    """Open the names of those who belong and are in the reader's care, each after a look of its own."""
    rows = list(current_members(unit).select_related("client").order_by("joined_at", "pk"))
    mine = set(in_care_of(by).filter(client__in=[row.client_id for row in rows]))
    return [
        Seat(row, look_up_label(by=by, client=row.client, at=at) if row.client_id in mine else None) for row in rows
    ]


def members_in_care(*, by: Actor, unit: Client) -> list[Client]:
    """List who belongs now and is in this person's care, always in the same order."""
    members = current_members(unit).values("client")
    return list(Client.objects.filter(pk__in=members).filter(pk__in=in_care_of(by)).order_by("pk"))


def look_at_names(*, by: Actor, clients: Collection[UUID], at: datetime) -> list[str]:
    """List the names of those of some clients who are in this person's care, each after its own look."""
    people = Client.objects.filter(pk__in=clients).filter(pk__in=in_care_of(by)).order_by("made_at", "pk")
    return [look_up_label(by=by, client=person, at=at) for person in people]


def units_with(*, by: Actor, client: Client) -> list[Client]:
    """List the units in this person's care to which somebody belongs, without their names.

    A look at the unit would tell every other member when a page of this one was opened.
    """
    member = Member.objects.filter(unit=OuterRef("pk"), client=client, left_at=None)
    units = Client.objects.filter(Exists(member), pk__in=in_care_of(by), kind__in=TOGETHER)
    return list(units.order_by("made_at", "pk"))


def who_may_join(*, by: Actor, unit: Client | None = None, at: datetime) -> list[ListedClient]:
    """List this person's clients who could come too, by name; the look names everybody who is shown."""
    people = Client.objects.filter(pk__in=in_care_of(by), kind=ClientKind.ONE)
    if unit is not None:
        people = people.exclude(pk__in=current_members(unit).values("client"))
    listed = look_at_contacts(by=by, clients=list(people.order_by("made_at")), purpose=purpose_of(by), at=at)
    return sorted(listed, key=lambda row: (row.contact is None, row.label.casefold()))


def _lock_unit(by: Actor, unit: Client) -> Client:
    unit = lock_in_care(by=by, client=unit)
    if not unit.is_unit:
        raise NoSuchClient(unit)
    return unit


def _lock_people_in_care(by: Actor, client_ids: Collection[UUID]) -> list[Client]:
    # Locked in one order, so that two who make units of the same people wait for each other and no longer.
    people = Client.objects.select_for_update().filter(pk__in=client_ids, kind=ClientKind.ONE)
    return list(people.filter(pk__in=in_care_of(by)).order_by("pk"))
