"""Records whose therapy is over: what has to be settled before, and what their keeper still reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor, Refusal, service
from audit.acts import Act, Purpose
from audit.services import record_look
from clients.services.contacts import Contact, read_contact
from clients.services.finding import care_team
from clients.services.keeping import Keeping, keeping_of
from clients.services.therapy import end_therapy
from keys.errors import NoGrant
from measures.services.finding import waiting_sheets
from measures.services.waiting import count_open
from notes.models import Draft, Note
from notes.services.drafting import list_unfinished
from notes.services.finding import in_list, stubs_and_notes_of

if TYPE_CHECKING:
    from access.models import User
    from clients.models import Care, Client


class QuestionnairesOpen(Refusal):
    """An answer that cannot wait would wait for somebody who looks at it no more."""

    message = (
        "A questionnaire of this client is not closed yet. Close it, or take it back, so that no answer waits for "
        "nobody. Nothing was changed."
    )


@dataclass(frozen=True)
class EndedRecord:
    """A record as whoever keeps it sees it. No note is open. `contact` is missing while the key is.

    :param colleagues: into whose care a manager has put the client since, who wait for the keys
    """

    client: "Client"
    contact: Contact | None
    keeping: Keeping
    notes: list[Note]
    drafts: list[Draft]
    colleagues: "list[User]"

    @property
    def label(self) -> str:
        return self.contact.name if self.contact else self.client.code


def close_therapy(*, by: Actor, client: "Client", at: datetime) -> "Care":
    """End a therapy, see :func:`clients.services.therapy.end_therapy`. Drafts may be finished after it.

    :raises QuestionnairesOpen: see there
    :raises NoSuchClient, ColleaguesInCare: see :func:`clients.services.therapy.end_therapy`
    """
    _require_closed(by=by, client=client)
    return end_therapy(by=by, client=client, at=at)


def browse_ended_notes(*, by: Actor, client: "Client", at: datetime) -> EndedRecord:
    """Record the look, then list what there is about a client, as :func:`clients.services.therapy.find_ended` found."""
    receipt = record_look(Act.NOTE_LISTED, by=by, target=client, purpose=Purpose.OPERATIONS, at=at)
    try:
        contact = read_contact(by=by, client=client, receipt=receipt)
    except NoGrant:
        contact = None
    return EndedRecord(
        client=client,
        contact=contact,
        keeping=keeping_of(client, at=at),
        notes=in_list(stubs_and_notes_of(by, client)),
        drafts=list_unfinished(by=by, client=client),
        colleagues=care_team(client),
    )


@service
def _require_closed(*, by: Actor, client: "Client") -> None:  # noqa: ARG001 (the log names who was refused)
    if count_open(client=client) or waiting_sheets(client):
        raise QuestionnairesOpen(client)
