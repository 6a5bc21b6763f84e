"""Dana with Robin and Noor, who come together; Sam cares for Noor besides, and knows of nobody else."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from clients.kinds import ClientKind
from clients.models import Client
from clients.models.units import Member
from clients.services.caring import start_care
from clients.services.units import NewUnit, make_unit
from tests.beginnings import beginning
from tests.cast import Cast, ClientPerson, sign_consent
from tests.notes.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "Marlowe, together"


@dataclass(frozen=True)
class Couple:
    """The common record of Robin and Noor, at Dana's desk."""

    cast: Cast
    desk: Desk

    @property
    def dana(self) -> Actor:
        return self.cast.dana.as_(Role.THERAPIST)

    @property
    def sam(self) -> Actor:
        return self.cast.sam.as_(Role.THERAPIST)

    @property
    def manager(self) -> Actor:
        return self.cast.manager.as_(Role.MANAGER)

    @property
    def unit(self) -> Client:
        return Client.objects.get(pk=self.desk.client.pk)

    def place_of(self, person: ClientPerson) -> Member:
        return Member.objects.get(unit=self.desk.client, client=person.client_id, left_at=None)


def together(members: "Iterable[UUID]", **changes: Any) -> NewUnit:
    given = {"kind": ClientKind.COUPLE, "name": NAME, "members": frozenset(members), "form": uuid4()}
    return NewUnit(**{**given, **changes})


@beginning
def both_in_care(cast: Cast) -> Cast:
    """Noor comes into Dana's care too."""
    noor = Client.objects.get(pk=cast.noor.client_id)
    manager = cast.manager.as_(Role.MANAGER)
    start_care(by=manager, client=noor, therapist_id=cast.dana.user.pk, at=timezone.now())
    return cast


@beginning
def unsigned_couple(both_in_care: Cast) -> Couple:
    """Nobody has signed."""
    cast = both_in_care
    new = together([cast.robin.client_id, cast.noor.client_id])
    unit = make_unit(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())
    return Couple(cast, Desk(cast.dana, unit))


@beginning
def half_signed(unsigned_couple: Couple) -> Couple:
    """Robin has."""
    sign_consent(unsigned_couple.cast.robin)
    return unsigned_couple


@beginning
def couple(half_signed: Couple) -> Couple:
    """Both have."""
    sign_consent(half_signed.cast.noor)
    return half_signed
