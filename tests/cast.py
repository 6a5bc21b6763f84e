"""The people of the suite: enrolled once per run through the services of the pages, with real keys."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.utils import timezone

from access.models.devices import TotpDevice
from access.roles import Role
from access.services.first_person import FirstPerson
from access.services.inviting import Letter
from access.services.key_sessions import OpenSession, open_session
from clients.services.contacts import Contact
from clients.services.finding import find_client
from clients.services.inviting import NewClient, invite_client
from consent.limits import Limit
from practice.cast import Person, enrol_client, enrol_colleague, found
from practice.cast import sign_consent as sign_by_name

if TYPE_CHECKING:
    from clients.models import Client

PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True, repr=False)
class ClientPerson:
    """A client: their record's id, and their keys once they are enrolled."""

    client_id: UUID
    name: str
    letter: Letter
    person: Person

    @property
    def record(self) -> "Client":
        """Find the record as its client does."""
        return find_client(by=self.person.as_(Role.CLIENT), client_id=self.client_id)


@dataclass(frozen=True, repr=False)
class Cast:
    """Two therapists, a manager, an auditor; one client of each therapist, enrolled and not signed yet."""

    manager: Person
    dana: Person
    sam: Person
    auditor: Person
    robin: ClientPerson  # in Dana's care
    noor: ClientPerson  # in Sam's care
    codes: list[str]  # of the practice recovery key, two of three


def make_cast() -> Cast:
    """Found a practice and enrol everybody."""
    first = FirstPerson("Priya Nair", "priya@alder.example", PASSPHRASE, (Role.MANAGER,))
    now = timezone.now()
    foundation = found(practice_name="Alder Lane", person=first, count=3, needed=2, demo=True, at=now)
    TotpDevice.objects.filter(user=foundation.first.user).update(confirmed=True)
    manager = Person(foundation.first.user, foundation.first.keys, first.address, PASSPHRASE)
    dana = enrol_colleague(manager=manager, name="Dana Whitlock", address="dana@alder.example", roles=(Role.THERAPIST,))
    sam = enrol_colleague(manager=manager, name="Samuel Okafor", address="sam@alder.example", roles=(Role.THERAPIST,))
    lena = enrol_colleague(manager=manager, name="Lena Fischer", address="lena@alder.example", roles=(Role.AUDITOR,))
    robin = _client(manager, dana, "Robin Marlowe", "robin@post.example")
    noor = _client(manager, sam, "Noor Haddad", "noor@post.example")
    return Cast(manager, dana, sam, lena, robin, noor, foundation.codes)


def sign_in(browser: Browser, person: Person) -> OpenSession:
    """Sign somebody in by the same :func:`open_session` as the page, without typing."""
    now = timezone.now()
    user = get_user_model().objects.get(pk=person.user.pk)
    opened = open_session(user=user, keys=person.keys, at=now)
    browser.force_login(user, backend="access.backend.PassphraseBackend")
    session = browser.session
    session["unlock_id"], session["signed_in_at"] = str(opened.id), now.isoformat()
    session["otp_device_id"] = TotpDevice.objects.get(user=user).persistent_id
    session.save()
    browser.cookies[settings.UNLOCK_COOKIE_NAME] = opened.cookie
    return opened


def sign_consent(client: ClientPerson, *, unclear: frozenset[Limit] = frozenset()) -> UUID:
    """Let a client read and sign the limits; the record's id comes back."""
    return sign_by_name(client.person, client_id=client.client_id, name=client.name, unclear=unclear)


def _client(manager: Person, therapist: Person, name: str, address: str) -> ClientPerson:
    new = NewClient(Contact(name, address, "555 0100"), therapist.user.pk)
    client, letter = invite_client(by=manager.as_(Role.MANAGER), new=new, at=timezone.now())
    return ClientPerson(client.pk, name, letter, enrol_client(letter=letter, address=address))
