"""What a custodian reads once a will is released, and how everybody concerned is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import staff_with
from audit.actors import Named
from audit.acts import Act, Ground, Purpose
from audit.entries import Basis
from audit.services import Receipt
from clients.kinds import Step
from clients.models import Client
from clients.models.custody import Handed, Release, Will
from clients.services.contacts import ListedClient, list_contacts
from clients.services.covers import Window
from clients.services.finding import NoSuchClient, care_team
from clients.services.parting import record_looks
from clients.services.stages import Stage, stage_of
from clients.services.taking_back import handed_at
from clients.services.wills import Wishes, named_by, standing_wills, unseal_wishes
from keys.errors import KeysError, SealBroken

if TYPE_CHECKING:
    from access.models import User


class NotReleased(Refusal):
    """A custodian holds no key before the release, and none once it ended."""

    message = "Nothing is released to you now."


@dataclass(frozen=True)
class Custody:
    """A will that somebody has a part in, and how far its release has come."""

    will: Will
    stage: Stage

    @property
    def is_open(self) -> bool:
        """Whether the contact list was given."""
        release = self.stage.release
        return self.stage.step == Step.NOTES or bool(release and release.given_at)


@dataclass(frozen=True, repr=False)
class ContactList:
    """What the first step gives a custodian: what the therapist wants done, and how to reach each client.

    :param wishes: None where its key has ended, or what is there is not what the therapist sealed
    :param readable: the clients whose notes the second step gave too
    """

    custody: Custody
    wishes: Wishes | None
    clients: list[ListedClient]
    readable: frozenset[UUID]


@dataclass(frozen=True)
class Reaching:
    """Whom a client's therapist chose for the day they cannot work, and what that colleague reaches now."""

    therapist: str
    custodian: str
    contacts_since: datetime | None
    notes_since: datetime | None


@dataclass(frozen=True)
class Hint:
    """A therapist on the page of people: who is named, if anybody, and whether a release is under way."""

    therapist: "User"
    will: Will | None
    stage: Stage | None


def browse_custodies(*, by: Actor, at: datetime) -> list[Custody]:
    """List whose custodian this person is, or is asked to be."""
    return [Custody(will, stage_of(will, at=at)) for will in named_by(by)]


@service
def read_contact_list(*, by: Actor, will_id: UUID, at: datetime) -> ContactList:
    """Record the look, naming each client, then open the will and the contacts that a release gave.

    :raises NoSuchClient: no will names this person so; the address as asked is in the log
    :raises NotReleased: see there
    """
    will = Will.objects.filter(pk=will_id, custodian=by.user, ended_at=None).first()
    if will is None:
        raise NoSuchClient(Named("clients.will", will_id))
    standing = Release.objects.filter(will=will, step=Step.CONTACTS, ended_at=None, until__gt=timezone.now())
    release = standing.select_related("will__therapist", "will__custodian").first()
    if release is None:
        raise NotReleased(will.therapist)
    clients = [row.client for row in _mine(by, Step.CONTACTS).filter(release=release)]
    receipt = _record_look(by, release, clients, at)
    try:
        wishes = unseal_wishes(by=by, will=release.will, receipt=receipt)
    except (KeysError, SealBroken):
        wishes = None
    listed = list_contacts(by=by, clients=clients, receipt=receipt, at=at)
    readable = frozenset(handed_to(by))
    custody = Custody(release.will, stage_of(release.will, at=at))
    return ContactList(custody, wishes, sorted(listed, key=lambda row: row.label.casefold()), readable)


@service
def find_handed(*, by: Actor, client_id: UUID) -> Handed:
    """Find a client whose notes this person may read as custodian now.

    :raises NoSuchClient: none; the address as asked is in the log
    """
    handed = _mine(by, Step.NOTES).filter(client=client_id).first()
    if handed is None:
        raise NoSuchClient(Named("clients.client", client_id))
    return handed


def handed_to(by: Actor) -> "QuerySet[Handed, UUID]":
    """Say whose notes this person may read as custodian now, by id, for a query."""
    return _mine(by, Step.NOTES).values_list("client", flat=True)


def custodians_of(client: Client, *, at: datetime) -> list[Reaching]:
    """List whom the therapists of a client chose and who agreed, for the client's own page."""
    wills = Will.objects.filter(therapist__in=care_team(client), ended_at=None, accepted_at__isnull=False)
    given = {(row.release.will_id, row.release.step): row.given_at for row in handed_at(at).filter(client=client)}
    return [
        Reaching(
            therapist=will.therapist.display_name,
            custodian=will.custodian.display_name,
            contacts_since=given.get((will.pk, Step.CONTACTS)),
            notes_since=given.get((will.pk, Step.NOTES)),
        )
        for will in wills.select_related("therapist", "custodian").order_by("named_at")
    ]


def custody_windows_of(client: Client) -> list[Window]:
    """List when a custodian reached a client, those times too that are over."""
    rows = Handed.objects.filter(client=client).select_related("release__will__therapist")
    return [
        Window(
            colleague=row.release.will.custodian_id,
            why=f"as custodian, chosen by {row.release.will.therapist.display_name}",
            opened_at=row.given_at,
            closed_at=row.ended_at or row.release.until or row.given_at,
        )
        for row in rows
    ]


def custodians_with_keys(client: Client, *, at: datetime) -> Mapping[UUID, str]:
    """Say for which therapist each custodian reaches a client now."""
    wills = (row.release.will for row in handed_at(at).filter(client=client))
    return {will.custodian_id: will.therapist.display_name for will in wills}


def browse_hints(*, at: datetime) -> list[Hint]:
    """List every therapist with their custodian, those whose release is under way first."""
    wills = {will.therapist_id: will for will in standing_wills()}
    hints = [_hint(user, wills.get(user.pk), at) for user in staff_with(Role.THERAPIST)]
    return sorted(hints, key=lambda hint: not (hint.stage and hint.stage.stands))


def releases_of(user: "User") -> list[Release]:
    """List what was ever asked for of somebody's wills, newest first."""
    rows = Release.objects.filter(will__therapist=user).select_related("asked_by", "confirmed_by", "will__custodian")
    return list(rows.order_by("-asked_at"))


def asks(by: Actor) -> bool:
    """Say whether somebody waits for this person's yes or no to being their custodian."""
    return any(will.accepted_at is None for will in named_by(by))


def _record_look(by: Actor, release: Release, clients: Sequence[Client], at: datetime) -> Receipt:
    act, therapist, basis = Act.CUSTODY_CONTACTS_READ, release.will.therapist, Basis(Ground.CUSTODY, release.pk)
    looks = record_looks(act, by=by, clients=clients, target=therapist, purpose=Purpose.OPERATIONS, basis=basis, at=at)
    return looks[0][1]


def _hint(user: "User", will: Will | None, at: datetime) -> Hint:
    return Hint(user, will, stage_of(will, at=at) if will else None)


def _mine(by: Actor, step: Step) -> QuerySet[Handed]:
    # By the clock of the moment, as grants are: whoever reads something does it now.
    rows = handed_at(timezone.now()).filter(release__step=step, release__will__custodian=by.user)
    return rows if by.role == Role.THERAPIST else rows.none()
