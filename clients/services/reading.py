"""What the practice sees of a client besides the record: contact, care team, and how far the account has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from access.acting import Actor
from access.services.inviting import open_until
from access.states import State
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.models import Client
from clients.services.caring import waits_for_key
from clients.services.contacts import Contact, read_contact
from clients.services.enrolling import identity_is_confirmed
from clients.services.finding import care_team, keepers_of
from clients.services.purposes import purpose_of
from clients.services.returning import NewKeys, new_keys_of
from clients.services.sharing import keepers_for, sharers_for
from keys.errors import NoGrant
from keys.services import awaits_words

if TYPE_CHECKING:
    from access.models import User


class Standing(StrEnum):
    """How far a client's account has come."""

    INVITED = "invited"
    LAPSED = "lapsed"  # no invitation works any more
    ENROLLED = "enrolled"  # nobody of the practice has confirmed who held the phone
    CONFIRMED = "confirmed"
    NEW_KEYS = "new_keys"  # made by the client, who has to read six words to their therapist
    RETURNING = "returning"  # chose a new passphrase, and is not done setting up anew


@dataclass(frozen=True)
class Carer:
    """A therapist of the care team, and whether they still lack a key.

    :param sharers: who could pass it on to them, by name; nobody where only the practice recovery key can
    :param keepers: who could do so after taking the client into care again, since the therapy with them ended
    """

    user: "User"
    waits_for_key: bool
    sharers: list[str]
    keepers: list[str]


@dataclass(frozen=True)
class ClientPage:
    """Everything on a client's page. `contact` is missing while the key is, `new_keys` where none wait.

    `keepers` have kept the record since its therapy ended.
    """

    client: Client
    contact: Contact | None
    team: list[Carer]
    keepers: list[str]
    standing: Standing
    invited_until: datetime | None
    new_keys: NewKeys | None

    @property
    def label(self) -> str:
        return self.contact.name if self.contact else self.client.code


def read_client(*, by: Actor, client: Client, at: datetime) -> ClientPage:
    """Open a client's page; the look stands in the log first.

    :raises KeyRefused: a key that belongs here is not one we can vouch for
    """
    receipt = record_look(Act.CLIENT_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    invited_until = open_until(subject=client.pk, at=at)
    return ClientPage(
        client=client,
        contact=_contact(by, client, receipt),
        team=[_carer(user, client) for user in care_team(client)],
        keepers=[user.display_name for user in keepers_of(client)],
        standing=_standing(by, client, invited_until),
        invited_until=invited_until,
        new_keys=new_keys_of(by=by, client=client),
    )


def _carer(user: "User", client: Client) -> Carer:
    waits = waits_for_key(therapist=user, client=client)
    sharers = sharers_for(therapist=user, client=client) if waits else []
    keepers = keepers_for(therapist=user, client=client) if waits else []
    return Carer(user, waits, *([one.display_name for one in people] for people in (sharers, keepers)))


def _contact(by: Actor, client: Client, receipt: Receipt) -> Contact | None:
    try:
        return read_contact(by=by, client=client, receipt=receipt)
    except NoGrant:
        return None


def _standing(by: Actor, client: Client, invited_until: datetime | None) -> Standing:
    if client.user is None:
        return Standing.INVITED if invited_until else Standing.LAPSED
    if client.user.state == State.ENROLLING:
        return Standing.RETURNING
    if awaits_words(holder=client.user.pk, subject=client.pk):
        return Standing.NEW_KEYS
    return Standing.CONFIRMED if identity_is_confirmed(by=by, client=client) else Standing.ENROLLED
