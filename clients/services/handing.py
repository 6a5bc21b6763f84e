"""Handing a client over, or many: care and keys of a colleague, and the end of one's own, in one act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_staff, staff_with
from audit.actors import Named
from audit.acts import Act
from audit.services import record, record_refusal
from clients.models import Care, Client
from clients.services.covers import close_covers
from clients.services.ending import close_care
from clients.services.finding import find_client
from clients.services.letters import write_letter
from clients.services.purposes import purpose_of
from clients.services.sharing import Recipient, RecipientChanged, lock_in_care, pass_keys, recipient_of
from clients.services.therapy import take_into_care
from keys.errors import KeyRefused

# Each client is a transaction of its own, of some 50 ms: a page stays below two seconds.
BATCH = 25
_LEFT = "Not tried yet. Press “Go on” below."
NOT_VOUCHED = "A key of this record is not one we can vouch for. Nothing was changed. Please tell a manager."


@dataclass(frozen=True)
class Outcome:
    """How it went with one client of a list: `words` say it, and what is still to do. `left`: nothing was tried yet."""

    client_id: UUID
    done: bool
    words: str
    left: bool = False


def colleagues_for(*, by: Actor, client: Client | None = None) -> list[Recipient]:
    """List to whom this person may hand a client over: every other therapist of the practice.

    :param client: whose vaults they may lack; left out where the page is about several
    """
    return [recipient_of(user, client) for user in staff_with(Role.THERAPIST) if user != by.user]


@service
@transaction.atomic(durable=True)
def hand_over(*, by: Actor, client: Client, seen: str, at: datetime) -> Care:
    """Put a client in a colleague's care, pass on every key that they lack, and end one's own care.

    :param seen: of the colleague who was confirmed on the page, see :class:`clients.services.sharing.Recipient`
    :returns: the colleague's care
    :raises NoSuchClient: no longer in this person's care
    :raises RecipientChanged: the colleague or their keys are not what was shown
    :raises NoKeyToShare: this person waits for a key themselves
    :raises KeyRefused: the colleague's certificate does not hold, or a key is not one we can vouch for
    """
    chosen = next((recipient.user for recipient in colleagues_for(by=by) if recipient.seen == seen), None)
    colleague = lock_staff(chosen.pk, role=Role.THERAPIST) if chosen else None
    client = lock_in_care(by=by, client=client)
    to = recipient_of(colleague, client) if colleague else None
    if to is None or to.seen != seen:
        raise RecipientChanged(client)
    close_covers(client, by=by, at=at, colleague=to.user)
    care = take_into_care(client, to.user, at=at)
    pass_keys(by=by, client=client, recipient=to, kinds=to.lacks, at=at)
    text = f"Your care passed from {by.display_name} to {to.name}. {to.name} looks after you from now on."
    write_letter(by=by, client=client, text=text, at=at)
    close_care(Care.objects.get(client=client, therapist=by.user, ended_at=None), by=by, at=at)
    record(Act.CARE_HANDED_OVER, by=by, target=care, purpose=purpose_of(by), fields=to.lacks, at=at)
    return care


def hand_over_caseload(*, by: Actor, client_ids: Sequence[UUID], seen: str, at: datetime) -> list[Outcome]:
    """Hand over several clients, each wholly or not at all: one that has to wait holds up none of the others."""

    def one(client_id: UUID) -> Outcome:
        care = hand_over(by=by, client=find_client(by=by, client_id=client_id), seen=seen, at=at)
        return Outcome(client_id, done=True, words=f"Handed over to {care.therapist.display_name}.")

    return attempt_each(one, client_ids, by=by, at=at)


def attempt_each(
    one: Callable[[UUID], Outcome], client_ids: Sequence[UUID], *, by: Actor, at: datetime
) -> list[Outcome]:
    """Do the clients of a list, as many as one answer can deal with; the others are said to be left."""
    tried = [attempt(one, client_id, by=by, at=at) for client_id in client_ids[:BATCH]]
    return tried + [Outcome(client_id, done=False, words=_LEFT, left=True) for client_id in client_ids[BATCH:]]


def attempt(one: Callable[[UUID], Outcome], client_id: UUID, *, by: Actor, at: datetime) -> Outcome:
    """Do one client of a list; what stands in the way of this one is its outcome."""
    try:
        return one(client_id)
    except Refusal as refusal:
        return Outcome(client_id, done=False, words=str(refusal))
    except KeyRefused as error:
        named = Named("clients.client", client_id)
        record_refusal(Act.KEY_REFUSED, by=by, target=named, fields=[error.reason], at=at)
        return Outcome(client_id, done=False, words=NOT_VOUCHED)
