"""The first person of a practice: certified by the root itself, in the one command that has it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from access.models import Practice, User
from access.roles import Role
from access.services.addresses import look_up, seal_address
from access.services.equipping import Equipped, equip
from access.services.inviting import give_roles
from access.services.passphrases import Chosen, check_passphrase_strength
from access.services.recovery_codes import FIRST_ASKED_AFTER
from access.states import State
from audit.actors import System
from audit.acts import Act
from audit.services import record
from keys.services import (
    Founder,
    certify_first_person,
    make_identity,
)


@dataclass(frozen=True, repr=False)
class FirstPerson:
    """Who founds the practice: a manager, and often a therapist too."""

    name: str
    address: str
    passphrase: str
    roles: tuple[Role, ...]


def enrol_first_person(founder: Founder, person: FirstPerson, *, at: datetime) -> Equipped:
    """Make the first person's account and keys. Belongs inside the transaction that founds the practice.

    :raises PassphraseTooWeak: see :func:`check_passphrase_strength`
    """
    check_passphrase_strength(person.passphrase, about=(person.name, person.address))
    chosen, holder = Chosen.derive(person.passphrase), uuid4()
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
    return equip(user, keys)


def make_practice(*, name: str, demo: bool, at: datetime) -> Practice:
    """Make the one practice row. Whether it is a demo is fixed here for good."""
    practice = Practice.objects.create(name=name, demo=demo, founded_at=at)
    record(Act.PRACTICE_SET_UP, by=System(), target=practice, at=at)
    return practice
