"""Whether the practice recovery key opens an author's own notes about a client: the author's choice, at any time."""

from datetime import datetime

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.services.purposes import purpose_of
from clients.services.sharing import lock_in_care
from keys.services import (
    Holder,
    Kind,
    Place,
    Trust,
    VaultKind,
    find_vault,
    holders_of,
    open_vault,
    require_open,
    take_back,
    vouch_for_recovery,
)


class NoOwnNotes(Refusal):
    """There is nothing yet to choose for: the choice comes with the first process note."""

    message = "You have no process notes about this client yet. You choose when you begin the first one."


def is_recoverable(*, by: Actor, client: Client) -> bool | None:
    """Say whether the practice recovery key opens this author's notes, as the rows say; None while there are none."""
    return None if find_vault(_own(by, client)) is None else bool(_recovery(by, client))


@service
@transaction.atomic(durable=True)
def choose_recovery(*, by: Actor, client: Client, recoverable: bool, at: datetime) -> None:
    """Give the practice recovery key this author's notes, or take it back and have their key replaced.

    Chosen twice, nothing more happens. What an old backup holds stays as it is there.

    :raises NoSuchClient: no longer in this person's care
    :raises NoOwnNotes: see there
    :raises KeysError: the notes' key, or the recovery key, is not one we can vouch for
    """
    client = lock_in_care(by=by, client=client)
    standing, place = is_recoverable(by=by, client=client), _own(by, client)
    if standing is None:
        raise NoOwnNotes(client)
    if standing == recoverable:
        return
    if recoverable:
        to = vouch_for_recovery(Trust(require_open(by.keys).root_id))
        open_vault(by=by.keys, place=place).grant(to, at=at)
    for row in _recovery(by, client) if not recoverable else []:
        if row.holder:
            take_back(by=by.keys, place=place, holder=row.holder, at=at)
    chosen = ["recoverable" if recoverable else "not_recoverable"]
    record(Act.KEY_RECOVERY_CHOSEN, by=by, target=client, purpose=purpose_of(by), fields=chosen, at=at)


def _recovery(by: Actor, client: Client) -> list[Holder]:
    return [row for row in holders_of(_own(by, client)) if row.kind is Kind.RECOVERY]


def _own(by: Actor, client: Client) -> Place:
    return Place(VaultKind.PROCESS, client.pk, author=by.user.pk)
