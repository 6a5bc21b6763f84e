"""Names, addresses and phones: sealed in `contact`, for the care team and managers."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from access.acting import Actor
from access.services.inviting import invited_subjects
from audit.acts import Act, Purpose
from audit.services import Receipt, record_look
from clients.models import Client
from clients.sealed import bind_contact
from clients.services.finding import carers_of, clients_of, names_of_keepers
from clients.services.parting import record_looks
from clients.services.purposes import purpose_of
from keys.errors import KeysError, NoGrant
from keys.services import OpenVault, Place, VaultKind, open_vault, open_vaults


@dataclass(frozen=True)
class Contact:
    """How the practice reaches a client.

    The rest is known of clients who were brought in from an earlier list: nobody types it anew. Days are ISO 8601.

    :param since: since when they come
    :param reference: the practice's own number for them
    :param signed_on: when they signed before, elsewhere
    :param paper: where that paper is
    """

    name: str
    address: str
    phone: str = ""
    since: str = ""
    reference: str = ""
    signed_on: str = ""
    paper: str = ""

    @property
    def came_on(self) -> date | None:
        return date.fromisoformat(self.since) if self.since else None

    @property
    def signed_elsewhere_on(self) -> date | None:
        return date.fromisoformat(self.signed_on) if self.signed_on else None


@dataclass(frozen=True)
class ListedClient:
    """A client as a list shows them. `contact` is missing while the key is. `invited`: an invitation works now.

    `keepers` have kept the record since its therapy ended.
    """

    client: Client
    contact: Contact | None
    carers: list[str]
    keepers: list[str]
    invited: bool

    @property
    def label(self) -> str:
        return self.contact.name if self.contact else self.client.code


def seal_contact(vault: OpenVault, client: Client, contact: Contact) -> bytes:
    """Seal a contact into its client's row."""
    return vault.seal(json.dumps(asdict(contact)), bound_to=bind_contact(client))


def read_contact(*, by: Actor, client: Client, receipt: Receipt) -> Contact:
    """Open one client's contact.

    :raises KeysError: no key, or not one we can vouch for
    """
    vault = open_vault(by=by.keys, place=Place(VaultKind.CONTACT, client.pk))
    return _open(vault, client, receipt)


def label_of(*, by: Actor, client: Client, receipt: Receipt) -> str:
    """Return a client's name, or the code while this reader waits for the key."""
    try:
        return read_contact(by=by, client=client, receipt=receipt).name
    except NoGrant:
        return client.code


def look_up_label(*, by: Actor, client: Client, at: datetime) -> str:
    """Return a client's name, or the code, for a page that shows no more of them; the look stands in the log first."""
    receipt = record_look(Act.CLIENT_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    return label_of(by=by, client=client, receipt=receipt)


def browse_clients(*, by: Actor, at: datetime) -> list[ListedClient]:
    """List this person's clients by name; the look names everybody who is shown."""
    listed = look_at_contacts(by=by, clients=list(clients_of(by).order_by("made_at")), purpose=purpose_of(by), at=at)
    return sorted(listed, key=lambda row: (row.contact is None, row.label.casefold()))


def look_at_contacts(*, by: Actor, clients: Sequence[Client], purpose: Purpose, at: datetime) -> list[ListedClient]:
    """Record the look at several clients, in as many entries as it takes; then open their contacts, in their order."""
    looks = record_looks(Act.CLIENT_LISTED, by=by, clients=clients, purpose=purpose, at=at)
    listed = [row for some, receipt in looks for row in list_contacts(by=by, clients=some, receipt=receipt, at=at)]
    rows = {row.client: row for row in listed}
    return [rows[client] for client in clients]


def list_contacts(*, by: Actor, clients: Sequence[Client], receipt: Receipt, at: datetime) -> list[ListedClient]:
    """Open the contacts of several clients whose look stands in the log."""
    vaults = open_vaults(by=by.keys, kind=VaultKind.CONTACT, subjects=[client.pk for client in clients])

    def contact(client: Client) -> Contact | None:
        vault = vaults[client.pk]
        return None if isinstance(vault, KeysError) else _open(vault, client, receipt)

    carers, keepers, invited = carers_of(clients), names_of_keepers(clients), invited_subjects(at=at)
    return [
        ListedClient(client, contact(client), carers[client.pk], keepers[client.pk], invited=client.pk in invited)
        for client in clients
    ]


def _open(vault: OpenVault, client: Client, receipt: Receipt) -> Contact:
    return Contact(**json.loads(vault.unseal(client.sealed_contact, bound_to=bind_contact(client), receipt=receipt)))
