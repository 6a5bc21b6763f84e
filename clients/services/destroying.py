"""The end of a record: decided by hand, open to undo for thirty days, then carried out, which needs no key."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from access.acting import Actor, Refusal, service
from access.services.forgetting import forget_invitations, remove_account
from audit.actors import Acting
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.models.retention import Destruction, Tombstone
from clients.services.answering import answered_for, lock_to_decide
from clients.services.finding import destroyed_clients, standing_destructions
from clients.services.holding import undo_decision
from clients.services.keeping import Keeping, KeepingState, keeping_of
from clients.services.purposes import purpose_of
from keys.columns import REGISTER
from keys.hanging import erase, rows_hanging_from
from keys.services import BACKUPS_KEEP_KEYS, destroy_identities, destroy_vaults, fingerprint_of_destroyed

TIME_TO_UNDO = timedelta(days=30)
# A backup's keys go at the first backup after their time, and one is made each night.
_UNTIL_THE_NEXT_NIGHT = timedelta(days=1)
# Sealed texts that are in memory together.
_AT_ONCE = 20


class NotDue(Refusal):
    """In somebody's care, not old enough, held, or decided already."""

    message = "This record cannot be destroyed now. Its page says how long it is kept, and why."


class NothingToUndo(Refusal):
    """Undone already, or never decided."""

    message = "There is no decision to undo. Nothing was changed."


@service
@transaction.atomic(durable=True)
def decide_destruction(*, by: Actor, client: Client, at: datetime) -> Destruction:
    """Decide that a record whose time is over will be destroyed. From now on it is closed.

    :raises NotYoursToDecide, NotDue: see there
    """
    client = lock_to_decide(by=by, client=client)
    if keeping_of(client, at=at).state != KeepingState.DUE:
        raise NotDue(client)
    decision = Destruction.objects.create(client=client, decided_by=by.user, decided_at=at, due_at=at + TIME_TO_UNDO)
    record(Act.DESTRUCTION_DECIDED, by=by, target=client, purpose=purpose_of(by), at=at)
    return decision


@service
@transaction.atomic(durable=True)
def undo_destruction(*, by: Actor, client: Client, at: datetime) -> None:
    """Undo the decision to destroy a record; until it was carried out that works, even after the thirty days.

    :raises NotYoursToDecide, NothingToUndo: see there
    :raises NoSuchClient: it was carried out
    """
    client = lock_to_decide(by=by, client=client)
    if undo_decision(by=by, client=client, at=at) is None:
        raise NothingToUndo(client)
    record(Act.DESTRUCTION_UNDONE, by=by, target=client, purpose=purpose_of(by), at=at)


def carry_out_due(*, by: Acting, at: datetime) -> list[Tombstone]:
    """Destroy every record whose thirty days are over, and again what a restore brought back of destroyed ones.

    Each in a transaction of its own. Needs no key.
    """
    return _carry_out_among(Client.objects.all(), by, at)


def carry_out_mine(*, by: Actor, at: datetime) -> list[Tombstone]:
    """Do the same with the records that this person answers for: that there are others is not theirs to know."""
    return _carry_out_among(answered_for(by), by, at)


def _carry_out_among(clients: QuerySet[Client], by: Acting, at: datetime) -> list[Tombstone]:
    decided = standing_destructions().filter(due_at__lte=at).values("client")
    over = clients.filter(Q(pk__in=decided) | Q(pk__in=destroyed_clients()))
    tombstones = (_carry_out(by, client_id, at) for client_id in list(over.values_list("pk", flat=True)))
    return [tombstone for tombstone in tombstones if tombstone]


@transaction.atomic(durable=True)
def _carry_out(by: Acting, client_id: UUID, at: datetime) -> Tombstone | None:
    # Locked and looked at again: a hold that was set this moment wins, or waits and finds nobody.
    client = Client.objects.select_for_update().filter(pk=client_id).first()
    if client is None or not (keeping := keeping_of(client, at=at)).may_go:
        return None
    rows = Client.objects.filter(pk=client.pk)
    texts = list(_hashes_of_texts([rows, *rows_hanging_from(rows)]))
    keys = destroy_vaults(subject=client.pk)
    tombstone = _tombstone_of(keeping) or Tombstone.objects.create(
        client_id=client.pk,
        code=client.code,
        hidden=client.hidden,
        **_decision_of(keeping),
        destroyed_at=at,
        complete_at=at + BACKUPS_KEEP_KEYS + _UNTIL_THE_NEXT_NIGHT,
        vaults=keys.vaults,
        grants=keys.grants,
        texts=len(texts),
        fingerprint=fingerprint_of_destroyed(commits=keys.commits, texts=texts),
    )
    erase(rows)
    forget_invitations(subject=client.pk)
    if client.user and not Client.objects.filter(user=client.user).exists():
        destroy_identities(holder=client.user.pk)
        remove_account(client.user)
    record(Act.DESTRUCTION_DONE, by=by, target=client, at=at)
    return tombstone


def _decision_of(keeping: Keeping) -> dict[str, object]:
    decision = keeping.destruction
    assert decision is not None  # noqa: S101 (what may go and has no tombstone was decided)
    return {"decided_by": decision.decided_by_id, "decided_at": decision.decided_at}


def _tombstone_of(keeping: Keeping) -> Tombstone | None:
    return Tombstone.objects.filter(client_id=keeping.client.pk).first()


def _hashes_of_texts(all_rows: list[QuerySet[Any]]) -> Iterator[bytes]:
    """Take the SHA-256 of each sealed column of these rows, as ciphertext, a few at a time: some are parts of files."""
    for rows in all_rows:
        for model, column in REGISTER:
            if model == rows.model._meta.label_lower:
                texts = rows.values_list(column, flat=True).iterator(chunk_size=_AT_ONCE)
                yield from (hashlib.sha256(text).digest() for text in texts if text)
