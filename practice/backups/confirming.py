"""Letting open again what a restore brought back, once somebody who may say so has confirmed it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal
from access.roles import Role
from access.services.people import names_of_staff, roles_of
from access.services.signing_in import Proof, sign_in, sign_out
from audit.actors import Acting, Named, Nobody, Origin, System
from audit.acts import Act
from audit.services import record
from clients.services.naming import codes_of_accounts, codes_of_subjects
from clients.services.tombstones import came_back
from keys.errors import CodesRefused
from keys.services import LOCKED, Held, held, open_with_recovery_codes, release

_DESTROYED = "destroyed after this backup: it stays closed, and goes again with the next destruction"


class CannotConfirm(RuntimeError):
    """Everything stays as it was; the message says why in plain words."""


def describe(things: Collection[Held]) -> list[str]:
    """Say of each thing whose it is: staff by name, clients by code, and hidden clients not at all."""
    holders = {thing.holder for thing in things if thing.holder}
    names = names_of_staff(holders)
    people = {holder: f"client {code}" for holder, code in codes_of_accounts(holders).items()} | {
        holder: name for holder, name in names.items() if name
    }
    codes = codes_of_subjects({thing.subject for thing in things if thing.subject})
    gone = came_back()

    def words(thing: Held) -> str:
        who = people.get(thing.holder, "somebody not named here") if thing.holder else "nobody known"
        end = f" ({_DESTROYED})" if _was_destroyed(thing, gone) else ""
        if thing.subject is None:
            return f"{who}: the whole account{end}"
        return f"{who}: the {thing.kind} vault of client {codes.get(thing.subject, 'not named here')}{end}"

    return [words(thing) for thing in things]


def confirmable() -> list[Held]:
    """List what may be confirmed: all but what was destroyed, which the next destruction takes away again."""
    gone = came_back()
    return [thing for thing in held() if not _was_destroyed(thing, gone)]


@contextmanager
def manager_at_the_terminal(proof: Proof, *, at: datetime) -> Iterator[Actor]:
    """Sign a manager in for the length of one command.

    :raises CannotConfirm: not theirs, or no manager
    """
    try:
        opened, _ = sign_in(by=Nobody(Origin()), proof=proof, at=at)
    except Refusal as refusal:
        raise CannotConfirm(str(refusal)) from refusal
    by = Actor(opened.user, Role.MANAGER, LOCKED, opened.id, Origin())
    try:
        if Role.MANAGER not in roles_of(opened.user):
            raise CannotConfirm("Only a manager can confirm. Nothing was changed.")
        yield by
    finally:
        sign_out(by=by, at=at)


def holders_of_codes(codes: Mapping[int, str]) -> System:
    """Accept enough printed recovery codes in place of a manager, where no manager can come in any more.

    :raises CannotConfirm: too few, mistyped, or of another print
    """
    try:
        open_with_recovery_codes(codes)
    except CodesRefused as error:
        raise CannotConfirm(str(error)) from error
    return System()


@transaction.atomic(durable=True)
def confirm(things: Collection[Held], *, by: Acting, at: datetime) -> None:
    """Let things open again, with an entry for each: of an account its person, of a grant what it opens."""
    release({thing.name for thing in things})
    for thing in things:
        named = [("access.user", thing.holder), ("clients.client", thing.subject)]
        target = next((Named(kind, uid) for kind, uid in reversed(named) if uid), None)
        record(Act.BACKUP_CONFIRMED, by=by, at=at, target=target)


def numbered(numbers: Collection[int]) -> list[Held]:
    """Pick things by their place in the list, from 1.

    :raises CannotConfirm: there is no such number, or it was destroyed
    """
    things, gone = held(), came_back()
    if not all(0 < number <= len(things) for number in numbers):
        raise CannotConfirm(f"There are only the numbers 1 to {len(things)}.")
    chosen = [things[number - 1] for number in sorted(set(numbers))]
    if any(_was_destroyed(thing, gone) for thing in chosen):
        raise CannotConfirm(f"One of these was {_DESTROYED}. Nothing was confirmed.")
    return chosen


def _was_destroyed(thing: Held, gone: Collection[UUID]) -> bool:
    return thing.subject in gone or (thing.subject is None and thing.holder in gone)
