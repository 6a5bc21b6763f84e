"""Founding a practice and enrolling people in one process, by the services of the pages: for setup, demo and tests."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from access.services.codes import next_code
from access.services.confirming import confirm_staff, newcomers
from access.services.enrolment import begin_enrolment, finish_staff_enrolment, show_recovery_codes
from access.services.equipping import Equipped
from access.services.factors import confirm_staff_factor
from access.services.first_person import (
    FirstPerson,
    Prepared,
    enrol_first_person,
    enrol_prepared,
    make_practice,
)
from access.services.inviting import Letter, invite_staff
from audit.actors import Nobody, Origin
from clients.services.caring import grant_contacts
from clients.services.enrolling import finish_enrolment
from clients.services.finding import find_client
from consent.limits import Limit
from consent.record import Check
from consent.services.ceremony import Done, agree_to_screen_forms, begin_reading, finish_section
from consent.services.publishing import load_model_text
from consent.services.signing import Typed, meaning_of, sign_limits
from keys.services import (
    Founder,
    Keyring,
    found_practice,
    keep_recovery_codes,
    print_recovery_codes,
    propose_passphrase,
)

if TYPE_CHECKING:
    from access.models import User


@dataclass(frozen=True, repr=False)
class Foundation:
    """A new practice: the first person, and the printed codes of the practice recovery key."""

    first: Equipped
    codes: list[str]
    needed: int


@dataclass(frozen=True, repr=False)
class Person:
    """Somebody who was enrolled in this process, keys open."""

    user: "User"
    keys: Keyring
    address: str
    passphrase: str
    recovery_code: str = ""

    def as_(self, role: Role) -> Actor:
        """Act in one role, from nowhere in particular."""
        return Actor(self.user, role, self.keys, None, Origin())


@transaction.atomic
def found(*, practice_name: str, person: FirstPerson, count: int, needed: int, demo: bool, at: datetime) -> Foundation:
    """Found a practice: root, recovery and practice keys, first person and model text; then drop the root.

    Joins the caller's transaction: `setup` keeps nothing unless the printed codes were typed back.
    """
    founder = Founder.draw()
    found_practice(founder, at=at)
    codes = print_recovery_codes(founder, count=count, needed=needed)
    first = enrol_first_person(founder, person, at=at)
    _open_practice(practice_name, first, demo=demo, at=at)
    return Foundation(first, codes, needed)


@transaction.atomic
def found_prepared(*, practice_name: str, person: Prepared, codes: list[str], needed: int, at: datetime) -> Foundation:
    """Found a practice like :func:`found`, for somebody who has all codes on paper already."""
    founder = Founder.draw()
    found_practice(founder, at=at)
    keep_recovery_codes(founder, codes, needed=needed)
    first = enrol_prepared(founder, person, at=at)
    _open_practice(practice_name, first, demo=False, at=at)
    return Foundation(first, codes, needed)


def _open_practice(name: str, first: Equipped, *, demo: bool, at: datetime) -> None:
    make_practice(name=name, demo=demo, at=at)
    load_model_text(by=Actor(first.user, Role.MANAGER, first.keys, None, Origin()), at=at)


def enrol_colleague(*, manager: Person, name: str, address: str, roles: tuple[Role, ...]) -> Person:
    """Invite, enrol and confirm a colleague."""
    newcomer = enrol_newcomer(manager=manager, name=name, address=address, roles=roles)
    by, now = manager.as_(Role.MANAGER), timezone.now()
    [seen] = [row.fingerprint for row in newcomers(by=by) if row.id == newcomer.user.pk]
    confirm_staff(
        by=by,
        user_id=newcomer.user.pk,
        seen=seen,
        grant_contacts=lambda user: grant_contacts(by=by, user=user, at=now),
        at=now,
    )
    newcomer.user.refresh_from_db()
    return newcomer


def enrol_newcomer(*, manager: Person, name: str, address: str, roles: tuple[Role, ...]) -> Person:
    """Invite a colleague who enrols, and then waits to be confirmed."""
    by = manager.as_(Role.MANAGER)
    letter = invite_staff(by=by, name=name, address=address, roles=roles, at=timezone.now())
    person = begin_enrolling(letter=letter, address=address)
    actor = person.as_(Role.ENROLLING)
    confirm_staff_factor(by=actor, code=next_code(person.user).code, at=timezone.now())
    code, _ = show_recovery_codes(by=actor, at=timezone.now())
    opened = finish_staff_enrolment(by=actor, typed=code, at=timezone.now())
    return Person(opened.user, opened.keys, address, person.passphrase, code)


def enrol_client(*, letter: Letter, address: str) -> Person:
    """Enrol an invited client, with an authenticator app."""
    person = begin_enrolling(letter=letter, address=address)
    code = next_code(person.user).code
    opened, _ = finish_enrolment(by=person.as_(Role.ENROLLING), code=code, at=timezone.now())
    return Person(opened.user, opened.keys, address, person.passphrase)


def begin_enrolling(*, letter: Letter, address: str) -> Person:
    """Open an invitation and make the keys; the second factor is still missing."""
    passphrase = propose_passphrase()
    opened = begin_enrolment(
        by=Nobody(Origin()), token=letter.token, code=letter.code, passphrase=passphrase, at=timezone.now()
    )
    return Person(opened.user, opened.keys, address, passphrase)


def sign_consent(person: Person, *, client_id: UUID, name: str, unclear: frozenset[Limit] = frozenset()) -> UUID:
    """Walk a client through the limits to the signature, by the steps of the pages.

    :param client_id: of the record that the form belongs to
    :param name: as the client types it
    :param unclear: limits that the client wants to talk about first
    :returns: the record's id
    """
    by, at = person.as_(Role.CLIENT), timezone.now()
    client = find_client(by=by, client_id=client_id)
    progress = begin_reading(by=by, client=client, at=at)
    agree_to_screen_forms(by=by, client=client, version_id=progress.screen_forms.id, nonce=uuid4(), at=at)
    text = progress.text
    for screen in text.screens:
        check = Check.TO_DISCUSS if screen.code in unclear else Check.RIGHT
        finish_section(by=by, client=client, done=Done(text.id, screen.code, check, uuid4()), at=at)
    typed = Typed(text.id, name, meaning_of(text, unclear), person.passphrase, uuid4())
    return sign_limits(by=by, client=client, typed=typed, at=timezone.now())
