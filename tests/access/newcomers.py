"""Enrolling, step by step, for tests that stop half-way."""

from django.utils import timezone

from access.acting import Actor
from access.models.devices import TotpDevice
from access.roles import Role
from access.services.codes import next_code
from access.services.enrolment import begin_enrolment, finish_staff_enrolment, show_recovery_codes
from access.services.factors import confirm_staff_factor
from access.services.inviting import Letter, invite_staff
from access.services.key_sessions import OpenSession
from audit.actors import Nobody, Origin
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client

VISITOR = Nobody(Origin())
ADDRESS = "ines@alder.example"
PASSPHRASE = "another horse battery staple"


def invite(cast, roles=(Role.THERAPIST,), address=ADDRESS) -> Letter:
    by = cast.manager.as_(Role.MANAGER)
    return invite_staff(by=by, name="Ines Duarte", address=address, roles=roles, at=timezone.now())


def invite_guest(cast, address="ada@post.example") -> Letter:
    """Invite a client, into Dana's care."""
    new = NewClient(Contact("Ada Quist", address), cast.dana.user.pk)
    return invite_client(by=cast.manager.as_(Role.MANAGER), new=new, at=timezone.now())[1]


def begin(letter: Letter, code: str | None = None, passphrase: str = PASSPHRASE) -> OpenSession:
    return begin_enrolment(
        by=VISITOR, token=letter.token, code=code or letter.code, passphrase=passphrase, at=timezone.now()
    )


def actor(opened: OpenSession) -> Actor:
    return Actor(opened.user, Role.ENROLLING, opened.keys, opened.id, Origin())


def confirm_app(opened: OpenSession) -> None:
    device = TotpDevice.objects.get(user=opened.user)
    confirm_staff_factor(by=actor(opened), code=next_code(opened.user).code, at=timezone.now())
    assert TotpDevice.objects.get(pk=device.pk).confirmed


def finish(opened: OpenSession) -> OpenSession:
    code, _ = show_recovery_codes(by=actor(opened), at=timezone.now())
    return finish_staff_enrolment(by=actor(opened), typed=code, at=timezone.now())


def enrol(letter: Letter) -> OpenSession:
    opened = begin(letter)
    confirm_app(opened)
    return finish(opened)
