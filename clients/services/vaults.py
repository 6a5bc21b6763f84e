"""The vaults of a client that a therapist makes: `record` for the care team, `process` for the author alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction

from access.acting import Actor, Refusal
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.services.covers import covers_of_all
from clients.services.finding import care_team, care_teams, is_in_care
from clients.services.purposes import purpose_of
from clients.services.supervised import supervised_at
from keys.errors import KeyRefused, KeysError, NoVault
from keys.services import (
    OpenVault,
    Place,
    VaultKind,
    Vouched,
    find_vault,
    holds_key,
    lent_by,
    make_vault,
    open_vault,
    open_vaults,
    require_open,
    vouch_for_holder,
)

if TYPE_CHECKING:
    from access.models import User
    from clients.models.cover import Cover
    from clients.models.training import Supervised


class ReadersNotConfirmed(Refusal):
    """Colleagues would get the key of this record: the maker sees their names first and confirms them."""

    message = "Please confirm who else will be able to open this record."

    def __init__(self, client: Client, readers: "list[User]") -> None:
        super().__init__(client)
        self.readers = readers


class NoRecordYet(Refusal):
    """Whoever makes a record keeps its key, and a colleague who covers is to keep none."""

    message = (
        "Nothing was written about this client yet, so there is no record that you could write in. A manager can put "
        "the client in your care."
    )


def readers_to_confirm(*, by: Actor, client: Client) -> "list[User]":
    """List the colleagues who would get the key if this person made the record now; none once it exists."""
    if find_vault(Place(VaultKind.RECORD, client.pk)) is not None:
        return []
    return [user for user in care_team(client) if user != by.user]


def record_vault(*, by: Actor, client: Client, confirmed: frozenset[UUID], at: datetime) -> OpenVault:
    """Open the record, or make it with its first text. Belongs inside the caller's transaction.

    :param confirmed: the colleagues whose names were on the page of this POST
    :raises NoRecordYet: there is none, and this person is not in care
    :raises ReadersNotConfirmed: the care team is not the one that was shown
    :raises KeyRefused: a colleague of the care team is not confirmed by a manager
    """
    place = Place(VaultKind.RECORD, client.pk)
    is_new = find_vault(place) is None
    if is_new and not is_in_care(by=by, client=client):
        raise NoRecordYet(client)
    readers = readers_to_confirm(by=by, client=client)
    if {user.pk for user in readers} - confirmed:
        raise ReadersNotConfirmed(client, readers)
    vouched = [vouch_for_holder(by=require_open(by.keys), holder=user.pk) for user in readers]
    vault = _open_or_make(by, client, place, at, readers=vouched, recoverable=True)
    if is_new:
        _lend(by, _loans_of(by, [client], at)[client.pk], vault, at)
    return vault


def readers_of_new(*, by: Actor, clients: Sequence[Client]) -> "dict[UUID, list[User]]":
    """List by client the colleagues who would get the key if this person made their records now."""
    teams = care_teams(clients)
    return {key: others for key, team in teams.items() if (others := [user for user in team if user != by.user])}


def record_vaults(
    *, by: Actor, clients: Sequence[Client], confirmed: Mapping[UUID, Collection[UUID]], at: datetime
) -> dict[UUID, OpenVault]:
    """Open the records of clients in this person's care, or make them. Belongs inside the caller's transaction.

    What :func:`record_vault` asks for one client, it asks once for all of them.

    :param confirmed: by client, the colleagues whose names were on the page of this POST
    :raises ReadersNotConfirmed, KeyRefused: see :func:`record_vault`
    :raises NoGrant: this person waits for the key of one of them
    """
    opened = open_vaults(by=by.keys, kind=VaultKind.RECORD, subjects=[client.pk for client in clients])
    new = [client for client in clients if isinstance(opened[client.pk], NoVault)]
    readers = readers_of_new(by=by, clients=new)
    for client in new:
        if {user.pk for user in readers.get(client.pk, ())} - set(confirmed.get(client.pk, ())):
            raise ReadersNotConfirmed(client, readers[client.pk])
    ids = {user.pk for users in readers.values() for user in users}
    vouched = {holder: vouch_for_holder(by=require_open(by.keys), holder=holder) for holder in ids}
    lent = _loans_of(by, new, at)
    for client in new:
        to = [vouched[user.pk] for user in readers.get(client.pk, ())]
        vault = _make(by, client, Place(VaultKind.RECORD, client.pk), at, readers=to, recoverable=True)
        _lend(by, lent[client.pk], vault, at)
        opened[client.pk] = vault
    return {key: _require(vault) for key, vault in opened.items()}


def process_vault(*, by: Actor, client: Client, recoverable: bool, at: datetime) -> OpenVault:
    """Open the author's own vault for this client, or make it with its first text.

    :param recoverable: whether the practice recovery key gets it too: the author's own choice, off unless taken
    """
    place = Place(VaultKind.PROCESS, client.pk, author=by.user.pk)
    return _open_or_make(by, client, place, at, readers=[], recoverable=recoverable)


def shared_vault(*, by: Actor, client: Client) -> OpenVault:
    """Open what the client shares with the care team; the client's own request made it.

    :raises NoVault: the client has not enrolled yet
    :raises NoGrant: this therapist was not in the care team then and waits for the key
    """
    return open_vault(by=by.keys, place=Place(VaultKind.SHARED, client.pk))


def holds_shared_key(*, by: Actor, client: Client) -> bool:
    """Say whether this person could open what the client shares, without opening it: no look at a closed door."""
    return holds_key(key_id=require_open(by.keys).key_id, place=Place(VaultKind.SHARED, client.pk))


def _require(vault: OpenVault | KeysError) -> OpenVault:
    if isinstance(vault, KeysError):
        raise vault
    return vault


@dataclass(frozen=True)
class _Loan:
    """To whom a record is lent as soon as it is made, until when, and by which row."""

    row: "Cover | Supervised"
    holder: UUID
    until: datetime


def _loans_of(by: Actor, clients: Sequence[Client], at: datetime) -> dict[UUID, list[_Loan]]:
    """List by client whom this person had named to cover, or given them to as supervisor, before there was a record."""
    covers = covers_of_all(clients, at=at)
    loans = {
        client_id: [_Loan(row, row.colleague_id, row.ends_at) for row in rows if row.given_by == by.user]
        for client_id, rows in covers.items()
    }
    for row in supervised_at(at).filter(client__in=clients, supervision__therapist=by.user):
        loans[row.client_id].append(_Loan(row, row.supervision.supervisor_id, row.until))
    return loans


def _lend(by: Actor, loans: Sequence[_Loan], vault: OpenVault, at: datetime) -> None:
    # Anybody who writes the database can name somebody in a row: what was lent after a page showed them is signed.
    lent = lent_by(by=by.keys, place=Place(VaultKind.CONTACT, vault.place.subject)) if loans else {}
    for loan in loans:
        try:
            to = vouch_for_holder(by=require_open(by.keys), holder=loan.holder)
        except KeyRefused:
            # The note is written all the same: whoever opens the cover is told to be named anew.
            continue
        # A supervisor may be in care too, and then has it for good.
        if to.key_id in lent and not holds_key(key_id=to.key_id, place=vault.place):
            vault.grant(to, at=at, until=min(loan.until, lent[to.key_id]))
            record(Act.KEY_SHARED, by=by, target=loan.row, purpose=purpose_of(by), fields=[VaultKind.RECORD], at=at)


def _open_or_make(
    by: Actor, client: Client, place: Place, at: datetime, *, readers: list[Vouched], recoverable: bool
) -> OpenVault:
    if find_vault(place) is None:
        try:
            return _make(by, client, place, at, readers=readers, recoverable=recoverable)
        except IntegrityError:
            pass  # somebody was faster: theirs is the one
    return open_vault(by=by.keys, place=place)


def _make(
    by: Actor, client: Client, place: Place, at: datetime, *, readers: list[Vouched], recoverable: bool
) -> OpenVault:
    with transaction.atomic():
        vault = make_vault(by=by.keys, place=place, readers=readers, recoverable=recoverable, at=at)
    record(Act.VAULT_MADE, by=by, target=client, at=at)
    return vault
