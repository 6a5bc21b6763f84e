"""The end of a therapist's care: the keys are taken back, and somebody else goes on holding each of them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.text import get_text_list

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.acts import Act
from audit.services import record
from clients.models import Care, Client
from clients.services.answering import lock_known
from clients.services.covers import close_covers
from clients.services.finding import care_team
from clients.services.letters import write_letter
from clients.services.purposes import purpose_of
from clients.services.sharing import CARE_KINDS, holds
from clients.services.supervised import end_supervised
from clients.services.taking_back import end_handed
from clients.unfinished import has_unfinished
from keys.errors import SoleHolder
from keys.services import Place, VaultKind, let_expire, take_back

if TYPE_CHECKING:
    from access.models import User

# As long as a session note may wait before it counts as late.
TO_FINISH = timedelta(hours=72)
# What a colleague in care has to hold before this care ends: neither a manager nor the client could pass these on.
_CLINICAL = (VaultKind.SHARED, VaultKind.RECORD)


class NotInTheirCare(Refusal):
    """There is no such care, or it is a colleague's to end."""

    message = "This client is not in this therapist's care. Nothing was changed."


class NobodyElseHolds(Refusal):
    """Ending this care would leave nobody in care who can open the record."""

    def __init__(self, client: Client, colleagues: "list[User]") -> None:
        super().__init__(client)
        names = get_text_list([user.display_name for user in colleagues], "and")
        way = f"Share the key with {names} first" if colleagues else "Hand the client over to a colleague instead"
        self.message = f"Nobody else in care holds the keys of this record. {way}. Nothing was changed."


@service
@transaction.atomic(durable=True)
def end_care(*, by: Actor, client: Client, therapist_id: UUID, at: datetime) -> Care:
    """End a therapist's care of a client, as that therapist or as a manager.

    :raises NotInTheirCare: there is no such care, or it is a colleague's
    :raises NoSuchClient: kept from managers meanwhile, or no longer in their care
    :raises NobodyElseHolds: nobody else in care holds a key that this therapist holds
    """
    client = lock_known(by=by, client=client)
    care = Care.objects.filter(client=client, therapist=therapist_id, ended_at=None).first()
    if care is None or (by.role != Role.MANAGER and care.therapist != by.user):
        raise NotInTheirCare(client)
    end_and_tell(by=by, care=care, at=at)
    return care


def end_and_tell(*, by: Actor, care: Care, at: datetime) -> None:
    """End a care with letter, keys and entry. Belongs inside the caller's transaction, which has locked the client.

    :raises NobodyElseHolds: see :func:`close_care`
    """
    text = f"{care.therapist.display_name} no longer looks after you."
    write_letter(by=by, client=care.client, text=text, at=at)
    close_care(care, by=by, at=at)
    record(Act.CARE_ENDED, by=by, target=care, purpose=purpose_of(by), at=at)


def close_care(care: Care, *, by: Actor, at: datetime) -> None:
    """End a care and take its keys back. Belongs inside the caller's transaction, which has locked the client.

    Whoever has something to finish in the record keeps that key for 72 hours, and is shown nothing else with it.

    :raises NobodyElseHolds: nobody else in care holds a key that goes
    """
    client, therapist, colleagues = care.client, care.therapist, _require_others(care)
    care.ended_at = at
    care.save(update_fields=["ended_at"])
    close_covers(client, by=by, at=at, given_by=therapist)
    end_handed(client, by=by, therapist=therapist, at=at)
    end_supervised(client, by=by, at=at, which=Q(supervision__therapist=therapist))
    _take_keys(care, by, colleagues, at)


def let_go(kept: Care, *, by: Actor, at: datetime) -> None:
    """Take the keys back from whoever kept a record since its therapy ended. In the caller's transaction, as above.

    :param kept: their past care
    :raises NobodyElseHolds: nobody in care holds a key that goes
    """
    colleagues = _require_others(kept)
    kept.keeps_record = False
    kept.save(update_fields=["keeps_record"])
    _take_keys(kept, by, colleagues, at)


def can_end(care: Care) -> bool:
    """Say whether somebody else in care holds every key that would go. `care` may be one whose therapy is over."""
    colleagues = _colleagues_in(care)
    mine = [kind for kind in _CLINICAL if holds(holder=care.therapist_id, kind=kind, client=care.client)]
    return all(any(holds(holder=user.pk, kind=kind, client=care.client) for user in colleagues) for kind in mine)


def _colleagues_in(care: Care) -> "list[User]":
    return [user for user in care_team(care.client) if user != care.therapist]


def _require_others(care: Care) -> "list[User]":
    colleagues = _colleagues_in(care)
    for kind in _CLINICAL:
        if holds(holder=care.therapist_id, kind=kind, client=care.client):
            _require_another(care.client, kind, colleagues)
    return colleagues


def _require_another(client: Client, kind: VaultKind, colleagues: "list[User]") -> None:
    if not any(holds(holder=user.pk, kind=kind, client=client) for user in colleagues):
        raise NobodyElseHolds(client, colleagues)


def _kinds_to_take(care: Care) -> list[VaultKind]:
    # A manager goes on knowing the clients whom managers know.
    keeps = not care.client.hidden and care.therapist.roles_held.filter(role=Role.MANAGER).exists()
    return [kind for kind in CARE_KINDS if kind is not VaultKind.CONTACT or not keeps]


def _take_keys(care: Care, by: Actor, colleagues: "list[User]", at: datetime) -> None:
    for kind in _kinds_to_take(care):
        _take(kind, care, by, colleagues, at)


def _take(kind: VaultKind, care: Care, by: Actor, colleagues: "list[User]", at: datetime) -> None:
    place, holder = Place(kind, care.client_id), care.therapist_id
    if kind is VaultKind.RECORD and has_unfinished(client_id=care.client_id, therapist_id=holder):
        let_expire(by=by.keys, place=place, holder=holder, expires_at=at + TO_FINISH, at=at)
        return
    try:
        take_back(by=by.keys, place=place, holder=holder, at=at)
    except SoleHolder as error:
        raise NobodyElseHolds(care.client, colleagues) from error
