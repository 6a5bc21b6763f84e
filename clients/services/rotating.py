"""Replacing the keys of clients' vaults, in small steps of those who hold them: nobody else could."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from access.acting import Actor
from audit.actors import Named
from audit.acts import Act, Purpose
from audit.services import record, record_refusal
from clients.models import Client
from clients.services.expiring import expire_keys
from keys.errors import KeysError
from keys.services import (
    NewMaker,
    Place,
    WaitingVault,
    browse_waiting,
    count_suites,
    current_suite,
    finish_rotation,
    flag_older_suites,
    needs_turning,
    open_vault,
    require_open,
    seal_slice,
    turn_key,
    waiting_places,
)

# What one request does beside its own work: a few hundredths of a second.
TEXTS_AT_ONCE = 100


@dataclass(frozen=True)
class Progress:
    """How far the replacing of keys has come: vaults by what they wait for, texts of older suites, and what is mine.

    :param mine: how many of the waiting vaults this person can go on with
    """

    waiting: tuple[WaitingVault, ...]
    older_suite: int
    all_texts: int
    mine: int

    @property
    def unturned(self) -> int:
        return sum(one.turns for one in self.waiting)

    @property
    def texts(self) -> int:
        return sum(one.texts for one in self.waiting)

    @property
    def since(self) -> datetime | None:
        return min((one.since for one in self.waiting), default=None)

    @property
    def percent_of_suite(self) -> int:
        """How much is sealed with today's suite, rounded down: 100 means all of it."""
        return 100 * (self.all_texts - self.older_suite) // self.all_texts if self.all_texts else 100


def rotate_next(*, by: Actor, at: datetime) -> bool:
    """Take one small step with the first waiting vault that this person can go on with.

    :returns: whether there was one, so that the next request may go on
    """
    expire_keys(at=at)
    flag_older_suites(at=at)
    return any(_step(by, place, at) for place in waiting_places(by=by.keys))


def record_met(*, by: Actor, met: Sequence[NewMaker], at: datetime) -> None:
    """Record that this person believed a later key for the first time, and of which generation. In a transaction."""
    clients = Client.objects.in_bulk({one.subject for one in met})
    for one in met:
        fields = [one.kind, f"generation_{one.generation}"]
        # A will is about no client.
        record(
            Act.KEY_ACCEPTED, by=by, target=clients.get(one.subject), purpose=Purpose.OPERATIONS, fields=fields, at=at
        )


def read_progress(*, by: Actor) -> Progress:
    """Count what waits, but for clients kept from this person. Nothing is opened, and no client is named."""
    suites, mine = count_suites(), waiting_places(by=by.keys)
    hidden = set(Client.objects.filter(hidden=True).values_list("pk", flat=True))
    # One that only waits for its flag to go has nothing for anybody to do.
    waiting = tuple(
        one
        for one in browse_waiting()
        if (one.turns or one.texts) and (one.place.subject not in hidden or one.place in mine)
    )
    return Progress(
        waiting=waiting,
        older_suite=suites.total() - suites[current_suite()],
        all_texts=suites.total(),
        mine=sum(one.place in mine for one in waiting),
    )


def _step(by: Actor, place: Place, at: datetime) -> bool:
    """Replace the key, or seal some texts anew, or take the flag off; False where nothing could be done."""
    try:
        if needs_turning(place):
            _turn(by, place, at)
            _name_left_out(by, at)
            return True
        return _seal(by, place) or finish_rotation(place=place, at=at)
    except KeysError as error:
        client = Client.objects.filter(pk=place.subject).first()
        reason = getattr(error, "reason", type(error).__name__)
        record_refusal(Act.VAULT_ROTATED, by=by, target=client, fields=[place.kind, reason], at=at)
        return False


@transaction.atomic(durable=True)
def _turn(by: Actor, place: Place, at: datetime) -> None:
    vault = turn_key(by=by.keys, place=place, at=at)
    client = Client.objects.filter(pk=place.subject).first()
    fields = [place.kind, f"generation_{vault.generation}"]
    record(Act.VAULT_ROTATED, by=by, target=client, purpose=Purpose.OPERATIONS, fields=fields, at=at)


def _name_left_out(by: Actor, at: datetime) -> None:
    """Record each row of a reader that nobody signed for: somebody wrote it past the pages, or put it back."""
    left_out = require_open(by.keys).left_out
    while left_out:
        one = left_out.pop()
        client = Client.objects.filter(pk=one.subject).first()
        record_refusal(
            Act.KEY_REFUSED,
            by=by,
            target=Named("access.user", one.holder) if one.holder else client,
            subjects=[client.audit_handle] if client else [],
            fields=[one.kind, "reader_unsigned"],
            at=at,
        )


@transaction.atomic(durable=True)
def _seal(by: Actor, place: Place) -> bool:
    # The entry of the new key stands in the log already: what is sealed anew under it is shown to nobody.
    return bool(seal_slice(vault=open_vault(by=by.keys, place=place), limit=TEXTS_AT_ONCE))
