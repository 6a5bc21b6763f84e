"""New keys for a colleague who lost passphrase and recovery code, at the terminal, by enough of the printed codes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.roles import Role
from access.services.equipping import equip_anew, find_colleague
from access.services.passphrases import PassphraseTooWeak
from audit.actors import Acting, System
from audit.acts import Act, Outcome
from audit.services import record
from clients.services.naming import part_subjects
from keys.services import (
    Founder,
    Reach,
    fingerprint_of_seeds,
    open_with_recovery_codes,
    reach_of_recovery,
    recover_keys,
)
from practice.recovery.errors import CannotRecover, plain_reasons
from practice.retyping import PersonalGuide, take_back_personal
from practice.serve_lock import Taken, alone

if TYPE_CHECKING:
    from access.models import User


@dataclass(frozen=True, repr=False)
class Wanted:
    """Whose keys are renewed, by name or e-mail address, with which sheets, and under which passphrase."""

    person: str
    codes: Mapping[int, str]
    passphrase: str


def recover(*, wanted: Wanted, guide: PersonalGuide, at: datetime) -> Reach:
    """Give somebody new keys, and keep them only if second factor and recovery code were typed back.

    The entry that it began is committed before any key is opened, so that none can be opened unseen.

    :raises NothingKept: the codes, the passphrase, or what was typed back is not right
    """
    user = choose(wanted.person)
    with _no_server(), plain_reasons():
        founder = open_with_recovery_codes(wanted.codes)
        note_begin(by=System(), user=user, at=at)
        with transaction.atomic(durable=True):
            try:
                person = equip_anew(user, passphrase=wanted.passphrase, root_id=founder.root_id, at=at)
            except PassphraseTooWeak as weak:
                raise CannotRecover(str(weak)) from weak
            reach = renew(founder, by=System(), user=user, seen=fingerprint_of_seeds(person.keys), at=at)
            take_back_personal(person, guide)
    return reach


def choose(said: str) -> "User":
    """Find the one colleague who is meant.

    :raises CannotRecover: nobody, or more than one
    """
    found = find_colleague(said)
    if len(found) != 1:
        raise CannotRecover(
            "More than one colleague has this name. Please give the e-mail address."
            if found
            else "Nobody on the staff with an active account has this name or e-mail address."
        )
    return found[0]


def note_begin(*, by: Acting, user: "User", at: datetime) -> None:
    """Note that a recovery begins, with the clients whose vaults it will reach, before anything is opened."""
    places = reach_of_recovery(holder=user.pk).back
    with transaction.atomic(durable=True):
        _note(Act.RECOVERY_BEGUN, by=by, user=user, subjects={place.subject for place in places}, at=at)


def renew(founder: Founder, *, by: Acting, user: "User", seen: bytes, at: datetime) -> Reach:
    """Certify new keys and wrap the vaults to them, with its entry. Belongs inside the caller's transaction.

    :param seen: the 32-byte fingerprint of the new keys
    :raises KeyRefused: see :func:`recover_keys`
    """
    is_manager = user.roles_held.filter(role=Role.MANAGER).exists()
    reach = recover_keys(founder, holder=user.pk, seen=seen, may_certify=is_manager, at=at)
    _note(Act.RECOVERY_DONE, by=by, user=user, subjects={place.subject for place in reach.back}, at=at)
    if reach.unsigned:
        _note(
            Act.KEY_REFUSED,
            by=by,
            user=user,
            subjects={place.subject for place in reach.unsigned},
            at=at,
            outcome=Outcome.DENIED,
            fields=["reader_unsigned"],
        )
    return reach


def _note(
    act: Act,
    *,
    by: Acting,
    user: "User",
    subjects: Collection[UUID],
    at: datetime,
    outcome: Outcome = Outcome.OK,
    fields: Sequence[str] = (),
) -> None:
    for handles in part_subjects(subjects):
        record(act, by=by, target=user, subjects=handles, outcome=outcome, fields=fields, at=at)


@contextmanager
def _no_server() -> Iterator[None]:
    # People type for minutes in the middle of it: on SQLite nobody else could save meanwhile.
    try:
        with alone():
            yield
    except Taken as error:
        raise CannotRecover("This practice is being served. Nothing was changed. Stop `serve` first.") from error
