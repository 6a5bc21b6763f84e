"""The first person of a practice: certified by the root itself, in the one command that has it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from access.models import Practice, User
from access.models.devices import BackupCodes, TotpDevice
from access.roles import Role
from access.services.addresses import look_up, seal_address
from access.services.equipping import Equipped, equip
from access.services.inviting import give_roles
from access.services.passphrases import Chosen, check_passphrase_strength
from access.services.recovery_codes import FIRST_ASKED_AFTER
from access.states import State
from access.totp import TotpSeed
from audit.actors import System
from audit.acts import Act
from audit.services import record
from keys.services import (
    Founder,
    Keyring,
    certify_first_person,
    keep_recovery_code,
    make_identity,
)


@dataclass(frozen=True, repr=False)
class FirstPerson:
    """Who founds the practice: a manager, and often a therapist too."""

    name: str
    address: str
    passphrase: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, repr=False)
class Prepared:
    """What the first person chose, was shown and has typed back before there is an account to keep it."""

    name: str
    address: str
    roles: tuple[Role, ...]
    chosen: Chosen
    seed: TotpSeed
    last_step: int
    recovery_code: str
    backup_codes: list[str]


def enrol_first_person(founder: Founder, person: FirstPerson, *, at: datetime) -> Equipped:
    """Make the first person's account and keys. Belongs inside the transaction that founds the practice.

    :raises PassphraseTooWeak: see :func:`check_passphrase_strength`
    """
    check_passphrase_strength(person.passphrase, about=(person.name, person.address))
    return equip(*_make_account(founder, person, Chosen.derive(person.passphrase), at=at))


def enrol_prepared(founder: Founder, person: Prepared, *, at: datetime) -> Equipped:
    """Make the account and keys of somebody who has second factor and codes already, like :func:`enrol_first_person`.

    How good the passphrase is was asked when it was typed: it is not here any more.
    """
    user, keys = _make_account(founder, person, person.chosen, at=at)
    device = TotpDevice.keep(user.pk, person.seed, last_step=person.last_step)
    keep_recovery_code(keys, person.recovery_code)
    BackupCodes.keep(user.pk, person.backup_codes)
    return Equipped(user, keys, device, person.recovery_code, person.backup_codes)


def make_practice(*, name: str, demo: bool, at: datetime) -> Practice:
    """Make the one practice row. Whether it is a demo is fixed here for good."""
    practice = Practice.objects.create(name=name, demo=demo, founded_at=at)
    record(Act.PRACTICE_SET_UP, by=System(), target=practice, at=at)
    return practice


def _make_account(
    founder: Founder, person: FirstPerson | Prepared, chosen: Chosen, *, at: datetime
) -> tuple[User, Keyring]:
    holder = uuid4()
    user = User.objects.create(
        id=holder,
        email_lookup=look_up(person.address),
        sealed_email=seal_address(person.address, row=holder),
        display_name=person.name,
        is_staff_member=True,
        state=State.ACTIVE,
        password=chosen.verifier,
        made_at=at,
        recovery_ask_at=at + FIRST_ASKED_AFTER,
    )
    give_roles(user, person.roles)
    keys = make_identity(holder=holder, kek=chosen.kek, root_id=founder.root_id, at=at)
    certify_first_person(founder, holder=holder, at=at)
    return user, keys
