"""People at the pages that come before an account: what they type, and what a clock does to a session."""

import re
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from access.models import Invitation, KeySession, User
from access.models.devices import TotpDevice
from access.roles import Role
from access.services.codes import next_code
from access.services.inviting import Letter, invite_staff
from clients.models import Client
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from practice.cast import Person
from tests.cast import Cast

NEW_PASSPHRASE = "seven quiet herons over water"
CODE_OF_NOBODY = "222222"


def invite_ines(cast: Cast, address: str = "ines@post.example") -> tuple[Client, Letter]:
    """Invite one more client into Dana's care."""
    new = NewClient(Contact("Ines Moreau", address, "555 0188"), cast.dana.user.pk)
    return invite_client(by=cast.manager.as_(Role.MANAGER), new=new, at=timezone.now())


def invite_tom(cast: Cast, *roles: Role) -> Letter:
    """Invite one more colleague."""
    by, held = cast.manager.as_(Role.MANAGER), roles or (Role.THERAPIST,)
    return invite_staff(by=by, name="Tom Becker", address="tom@alder.example", roles=held, at=timezone.now())


def begin(browser: Browser, letter: Letter) -> User:
    """Choose a passphrase at an invitation's page, as the invited person would."""
    typed = {"code": letter.code, "passphrase": NEW_PASSPHRASE, "again": NEW_PASSPHRASE}
    answer = browser.post(f"/welcome/{letter.token}/passphrase/", typed)
    assert answer.status_code == 302, answer.content.decode()
    return User.objects.get(pk=Invitation.objects.get(pk=letter.invitation).holder)


def app_code(user: User) -> str:
    """Read the code off the authenticator app."""
    return next_code(user).code


def wrong_code(user: User) -> str:
    """Type a code that the app does not show at any of the steps that count."""
    shown = {TotpDevice.objects.get(user=user).code_for(_step() + offset) for offset in range(-2, 4)}
    return next(code for code in (f"{number:06d}" for number in range(10)) if code not in shown)


def go_idle(person: Person, *, minutes: int = 16) -> None:
    """Let time pass without activity."""
    _move(person, seen_at=timezone.now() - timedelta(minutes=minutes))


def grow_stale(person: Person) -> None:
    """Let the passphrase be too long ago for acts that want it fresh."""
    _move(person, fresh_at=timezone.now() - timedelta(minutes=11))


def leave_for_a_day(browser: Browser, person: Person) -> None:
    """Let twelve hours pass since the sign-in."""
    then = timezone.now() - timedelta(hours=12, minutes=1)
    _move(person, opened_at=then)
    session = browser.session
    session["signed_in_at"] = then.isoformat()
    session.save()


def text_of(answer: HttpResponse) -> str:
    """Return a page's words, without markup and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def _move(person: Person, **moments: object) -> None:
    assert KeySession.objects.filter(user=person.user.pk).update(**moments) == 1


def _step() -> int:
    return int(timezone.now().timestamp()) // 30
