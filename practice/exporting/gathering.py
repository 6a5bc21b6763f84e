"""A client's record, opened and put in order: what every form of it is made from."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor, Refusal
from access.services.people import name_of_practice
from audit.services import Receipt
from clients.exports import Chapter, Gathering, Part, parts_of_record
from clients.services.contacts import Contact, read_contact
from clients.services.finding import find_client, kept_by
from clients.services.therapy import find_ended
from keys.errors import KeysError

if TYPE_CHECKING:
    from clients.models import Client


# APA 10.02: who belongs to a couple, family or group answers for its record together.
RELEASE = "Only with the written yes of everybody who belongs, unless the law says otherwise"


class NotAllAgreed(Refusal):
    """The record is about several people, and nobody said that each of them let it out."""

    message = "Please have each of those who belong say yes in writing first."


@dataclass(frozen=True, repr=False)
class Volume:
    """Everything that goes into one file.

    :param contact: missing where whoever made it lacks that key
    :param why: the purpose, in words
    :param is_own: it holds its author's own process notes, and nothing of the record
    """

    client: "Client"
    contact: Contact | None
    practice: str
    practice_id: UUID
    made_by: Actor
    made_at: datetime
    why: str
    chapters: tuple[tuple[Part, Chapter], ...]
    is_own: bool = False

    @property
    def label(self) -> str:
        return self.contact.name if self.contact else self.client.code

    @property
    def title(self) -> str:
        return f"Process notes about {self.label}" if self.is_own else f"Record of {self.label}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What stands at its head."""
        contact = self.contact or Contact("", "")
        facts = [
            (self.client.kind.capitalize() if self.client.is_unit else "Client", contact.name),
            ("Release", RELEASE if self.client.is_unit else ""),
            ("Code", self.client.code),
            ("E-mail", contact.address),
            ("Phone", contact.phone),
            ("Own reference", contact.reference),
            ("Comes since", contact.since),
            ("Signed elsewhere", f"{contact.signed_on}. The paper: {contact.paper}" if contact.signed_on else ""),
            ("Practice", self.practice),
            ("Made by", self.made_by.display_name),
            ("Purpose", self.why),
        ]
        return [(label, words) for label, words in facts if words]

    @property
    def is_whole(self) -> bool:
        """Whether everything could be opened."""
        return all(chapter.is_whole for _, chapter in self.chapters)

    @property
    def counts(self) -> list[str]:
        """Say how much of what is in it, as tokens for the log; of process notes nobody is told how many."""
        return [] if self.is_own else [f"{part.name}_{len(chapter.leaves)}" for part, chapter in self.chapters]


def find_exportable(*, by: Actor, client_id: UUID) -> "Client":
    """Find a client in this person's care, or whose record they keep since the therapy ended; cover does not do.

    :raises NoSuchClient: neither, or none; the address as asked is in the log
    """
    keeps = kept_by(by).filter(client=client_id).exists()
    return find_ended(by=by, client_id=client_id) if keeps else find_client(by=by, client_id=client_id)


def require_release(client: "Client", *, all_agreed: bool) -> None:
    """Stop what would let the record of a couple, family or group out, unless each of them has said yes.

    :param all_agreed: what whoever lets it out says of them; of one person's record nobody asks it
    :raises NotAllAgreed: nobody said so
    """
    if client.is_unit and not all_agreed:
        raise NotAllAgreed(client)


def gather(*, by: Actor, client: "Client", receipt: Receipt, why: str, own: bool = False, at: datetime) -> Volume:
    """Open all parts of a record under a look that stands in the log, or all that is its author's own.

    :param why: the purpose, in words
    """
    receipt.covers_client(client.audit_handle)
    gathering = Gathering(by, client, receipt, at)
    try:
        contact = read_contact(by=by, client=client, receipt=receipt)
    except KeysError:
        contact = None
    return Volume(
        client=client,
        contact=contact,
        practice=name_of_practice(),
        practice_id=gathering.practice_id,
        made_by=by,
        made_at=at,
        why=why,
        chapters=tuple((part, part.gather(gathering)) for part in parts_of_record(own=own)),
        is_own=own,
    )
