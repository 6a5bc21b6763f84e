"""Keys that nobody in care can pass on any more: the practice recovery key does, for therapists who wait for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_staff
from access.states import State
from audit.acts import Act
from audit.services import record
from clients.models import Care, Client
from clients.services.answering import lock
from clients.services.caseloads import ONLY_RECOVERY, way_to_key
from clients.services.contacts import look_at_contacts
from clients.services.covers import close_covers
from clients.services.finding import care_team, clients_of, closed_clients
from clients.services.letters import write_letter
from clients.services.purposes import purpose_of
from clients.services.sharing import NoKeyToShare, Recipient, RecipientChanged, pass_keys, recipient_of
from clients.services.therapy import let_keepers_go, take_into_care

if TYPE_CHECKING:
    from uuid import UUID

    from access.models import User

# One page, and one entry about those who are on it; the others come once these have their keys.
_SHOWN = 100


class RecoveryHoldsNone(Refusal):
    """The recovery key is no grantee of this vault, though every client's vault is wrapped to it when it is made."""

    message = "The practice recovery key does not open this record either. Nothing was passed on."


@dataclass(frozen=True)
class WaitingCare:
    """A therapist in care who waits for keys of a client; `label` is the client's name, or code."""

    care: Care
    recipient: Recipient
    label: str

    @property
    def mark(self) -> str:
        """Say who was shown: this care, and this very person with these keys."""
        return f"{self.care.pk}:{self.recipient.seen}"

    @property
    def words(self) -> str:
        """Say who waits for what, and whose press would do without any codes."""
        way = way_to_key(therapist=self.recipient.user, client=self.care.client)
        others = way if way == ONLY_RECOVERY else f"Without the sheets, {way}"
        return f"{self.recipient.name} waits for {self.recipient.wants}. {others}"


def browse_waiting_cares(*, by: Actor, at: datetime) -> list[WaitingCare]:
    """List the therapists who wait for keys, by client; hidden clients are in no list. The look is an entry."""
    known = clients_of(by).filter(hidden=False)
    cares = Care.objects.filter(client__in=known, ended_at=None, therapist__state=State.ACTIVE)
    ordered = cares.select_related("client", "therapist").order_by("started_at")
    found = [(care, recipient_of(care.therapist, care.client)) for care in ordered]
    lacking = [(care, recipient) for care, recipient in found if recipient.lacks][:_SHOWN]
    labels = _labels(by, {care.client for care, _ in lacking}, at) if lacking else {}
    waiting = [WaitingCare(care, recipient, labels[care.client_id]) for care, recipient in lacking]
    return sorted(waiting, key=lambda one: (one.label.casefold(), one.recipient.name))


@service
@transaction.atomic(durable=True)
def pass_on(*, by: Actor, waiting: WaitingCare, at: datetime) -> None:
    """Wrap what a therapist in care lacks to their keys, and write to the client.

    :param by: a manager with the practice recovery key in hand, for this one act
    :raises RecipientChanged: the care ended, or the therapist or their keys are not what was shown
    :raises RecoveryHoldsNone: see there
    :raises KeyRefused: the therapist's certificate does not hold, or a key is not one we can vouch for
    """
    client = Client.objects.select_for_update().get(pk=waiting.care.client_id)
    care = Care.objects.filter(pk=waiting.care.pk, ended_at=None, therapist__state=State.ACTIVE).first()
    recipient = recipient_of(care.therapist, client) if care else None
    if care is None or recipient is None or recipient.seen != waiting.recipient.seen:
        raise RecipientChanged(client)
    _give(by, care, recipient, at)


def restricted_of(user: "User") -> list[Client]:
    """List the restricted clients whom somebody cares for, or cared for, and whose keys no colleague in care has.

    A record that will be destroyed is not among them: that needs nobody's key.
    """
    theirs = Care.objects.filter(therapist=user, client__hidden=True).values("client")
    clients = Client.objects.filter(pk__in=theirs).exclude(pk__in=closed_clients()).order_by("pk")
    return [client for client in clients if not _is_held_by_another(client, user)]


def _is_held_by_another(client: Client, user: "User") -> bool:
    others = [carer for carer in care_team(client) if carer != user and carer.state == State.ACTIVE]
    return any(not recipient_of(carer, client).lacks for carer in others)


@service
@transaction.atomic(durable=True)
def pass_on_restricted(*, by: Actor, client: Client, to: Recipient, at: datetime) -> None:
    """Put one client whom managers do not know into a colleague's care, with every key.

    :param by: a manager with the practice recovery key in hand, for this one act
    :raises RecipientChanged: the colleague left, or they or their keys are not what was shown
    :raises RecoveryHoldsNone: see there
    :raises KeyRefused: the colleague's certificate does not hold, or a key is not one we can vouch for
    """
    colleague, client = lock_staff(to.user.pk, role=Role.THERAPIST), lock(client)
    recipient = recipient_of(colleague, client) if colleague else None
    # The client is in no refusal: a manager's own entries are theirs to read.
    if recipient is None or recipient.seen != to.seen:
        raise RecipientChanged(to.user)
    close_covers(client, by=by, at=at, colleague=recipient.user)
    care = take_into_care(client, recipient.user, at=at)
    _give(by, care, recipient, at)


def _give(by: Actor, care: Care, recipient: Recipient, at: datetime) -> None:
    """Wrap what a therapist in care lacks to their keys, with letter and entry.

    :raises RecoveryHoldsNone: see there
    """
    try:
        pass_keys(by=by, client=care.client, recipient=recipient, kinds=recipient.lacks, at=at)
    except NoKeyToShare as error:
        raise RecoveryHoldsNone(recipient.user if care.client.hidden else care.client) from error
    text = (
        f"{recipient.name}, who looks after you, can open your record from now on. Nobody who had its keys could pass "
        "them on, so the practice used its printed recovery codes."
    )
    write_letter(by=by, client=care.client, text=text, at=at)
    let_keepers_go(care.client, by=by, at=at)
    record(Act.CARE_RECOVERED, by=by, target=care, purpose=purpose_of(by), fields=recipient.lacks, at=at)


def _labels(by: Actor, clients: set[Client], at: datetime) -> "dict[UUID, str]":
    listed = look_at_contacts(by=by, clients=list(clients), purpose=purpose_of(by), at=at)
    return {row.client.pk: row.label for row in listed}
