"""Who can read this record, as they signed it for each other; whom a row alone names stands apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor
from access.roles import Role
from access.services.people import names_of_staff, staff_with
from audit.actors import Acting
from audit.acts import Act
from audit.services import record_look
from clients.models import Client
from clients.services.covers import covers_of
from clients.services.custody import custodians_with_keys
from clients.services.finding import care_team, keepers_of
from clients.services.purposes import purpose_of
from clients.services.sharing import CARE_KINDS, recipient_of
from clients.services.supervised import supervisors_with_keys
from keys.services import Holder, Keys, Kind, Place, VaultKind, holders_of, places_of, recovery_plan

if TYPE_CHECKING:
    from access.models import User

RECOVERY = "Practice recovery key"
SHEETS = "the practice’s recovery sheets"
THE_CLIENT = "The client"


@dataclass(frozen=True)
class Reader:
    """Somebody who holds a vault's key.

    :param place: what ties them to the client, in a few words; empty where their name says it
    :param covers_for: the therapist who named them to cover, whose cover lets them open nothing without a reason
    :param custodian_of: the therapist who chose them for the day that they cannot act, where that day came
    :param supervises: the therapist in training who gave it to them as supervisor
    :param given_by: who passed the key on; empty where they made it themselves, or nobody knows
    :param until: when this key ends by itself
    """

    name: str
    place: str
    since: datetime
    given_by: str
    until: datetime | None
    covers_for: str = ""
    custodian_of: str = ""
    supervises: str = ""


@dataclass(frozen=True)
class Door:
    """One vault: who can open it, and who in care still waits for its key. No readers: it is not made yet.

    :param author: whose own notes it holds, where it is one author's
    :param unsigned: whom a row alone makes a reader: nobody who could signed that, and they are given no later key
    """

    kind: VaultKind
    author: str
    readers: list[Reader]
    unsigned: list[str]
    waiting: list[str]


def browse_readers(*, by: Actor, client: Client, at: datetime) -> list[Door]:
    """List who can open what of a client, with the asker's own process notes; that one asked is an entry."""
    record_look(Act.KEY_READERS_LISTED, by=by, target=client, purpose=purpose_of(by), at=at)
    mine = Place(VaultKind.PROCESS, client.pk, author=by.user.pk)
    places = [Place(kind, client.pk) for kind in CARE_KINDS]
    # That a colleague keeps notes of their own is theirs to say.
    places += [place for place in places_of(client.pk) if place == mine]
    return _doors(client, places, by=by.keys, at=at)


def list_readers(*, by: Acting, client: Client, at: datetime) -> list[Door]:
    """List who can open what of a client, each author's process notes too: for whoever looks after the keys."""
    record_look(Act.KEY_READERS_LISTED, by=by, target=client, at=at)
    own = [place for place in places_of(client.pk) if place.author]
    return _doors(client, [*[Place(kind, client.pk) for kind in CARE_KINDS], *own], by=None, at=at)


def _doors(client: Client, places: Iterable[Place], *, by: Keys | None, at: datetime) -> list[Door]:
    rows = {place: [row for row in holders_of(place, by=by) if _is_live(row, at)] for place in places}
    people = {user_id for found in rows.values() for row in found for user_id in (row.holder, row.granted_by)}
    names = names_of_staff({user_id for user_id in [*people, *(place.author for place in rows)] if user_id})
    covers = {cover.colleague_id: cover.given_by.display_name for cover in covers_of(client, at=at)}
    custodians = custodians_with_keys(client, at=at)
    lent = _Lent(covers, custodians, supervisors_with_keys(client, at=at))
    teller = _Teller(client, care_team(client), keepers_of(client), staff_with(Role.MANAGER), names, lent)
    return [teller.door(place, found) for place, found in rows.items()]


@dataclass(frozen=True)
class _Lent:
    """For which therapist somebody holds a key for a time."""

    covers: Mapping[UUID, str]
    custodians: Mapping[UUID, str]
    supervisors: Mapping[UUID, str]

    def words_for(self, holder: UUID) -> dict[str, str]:
        """Say as what, by one of the fields of :class:`Reader`; nothing where it is to finish a note."""
        if holder in self.custodians:
            return {"custodian_of": self.custodians[holder]}
        if holder in self.covers:
            return {"covers_for": self.covers[holder]}
        return {"supervises": self.supervisors[holder]} if holder in self.supervisors else {}


@dataclass(frozen=True)
class _Teller:
    """Puts rows into names, for one client."""

    client: Client
    team: "list[User]"
    keepers: "list[User]"
    managers: "list[User]"
    names: Mapping[UUID, str]
    lent: _Lent

    def door(self, place: Place, found: list[Holder]) -> Door:
        waiting = [user.display_name for user in self.team if place.kind in recipient_of(user, self.client).lacks]
        author = self.names.get(place.author, "") if place.author else ""
        unsigned = [self.name(row.holder, row.kind) for row in found if not row.is_signed]
        return Door(place.kind, author, [self.reader(row) for row in found if row.is_signed], unsigned, waiting)

    def reader(self, row: Holder) -> Reader:
        # A manager's own key ends with no cover and no custody.
        words = self.lent.words_for(row.holder) if row.expires_at and row.holder else {}
        name, tie = self.name(row.holder, row.kind), "" if words else self.tie(row)
        return Reader(name, tie, row.granted_at, self.giver(row), row.expires_at, **words)

    def giver(self, row: Holder) -> str:
        # Whoever made a vault wrapped its key to themselves.
        if row.granted_by == row.holder:
            return ""
        return SHEETS if row.granter_kind is Kind.RECOVERY else self.name(row.granted_by, None)

    def name(self, holder: UUID | None, kind: Kind | None) -> str:
        if kind is Kind.RECOVERY:
            return RECOVERY
        if holder == self.client.user_id and holder is not None:
            return THE_CLIENT
        return (self.names.get(holder) if holder else "") or "Somebody this practice does not know"

    def tie(self, row: Holder) -> str:
        if any(user.pk == row.holder for user in self.team):
            return "in care"
        if any(user.pk == row.holder for user in self.keepers):
            return "keeps the record since the therapy ended"
        if any(user.pk == row.holder for user in self.managers):
            return "manager"
        return "no longer in care" if row.kind is Kind.STAFF else ""


def _is_live(row: Holder, at: datetime) -> bool:
    # Older keys are on their way out, but who holds one opens what was sealed with it.
    return row.expires_at is None or row.expires_at > at


def recovery_codes() -> str:
    """Say what opens the practice recovery key, such as "2 of the 3 printed codes together"."""
    count, needed = recovery_plan() or (1, 1)
    return f"{needed} of the {count} printed codes together" if count > 1 else "the printed code"
