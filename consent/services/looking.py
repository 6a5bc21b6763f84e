"""What a therapist sees of a client's consent, opened after one look."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.contacts import label_of
from clients.services.purposes import purpose_of
from clients.services.vaults import holds_shared_key
from consent.kinds import EventKind
from consent.models import EmergencyReason, Event, Record
from consent.publication import Screen
from consent.services.comparing import typed_name_differs
from consent.services.deciding import Standing, current_version, state_of
from consent.services.discussing import to_discuss
from consent.services.overriding import Reason, read_reasons
from consent.services.publishing import Published, published
from consent.services.records import SignedRecord, newest_record, open_record
from consent.services.refusing import read_no
from consent.services.talking import Talk, has_talks, open_talks
from consent.timeline import Status
from keys.errors import NoGrant, NoVault

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True)
class SeenConsent:
    """A client's consent as the care team sees it.

    :param label: the client's name, or the code while this therapist waits for that key
    :param text: what the client is asked to sign, and `None` where nothing is published
    :param signed: the newest record, also where it is no longer in force
    :param other_name: the typed name, where it is not the practice's
    :param unclear: what still waits for a talk
    :param reason_for_no: why the client said no, if they said why
    :param lacks_key: this therapist waits for the key to what the client shares
    """

    standing: Standing
    label: str
    text: Published | None = None
    signed: SignedRecord | None = None
    other_name: str | None = None
    unclear: tuple[Screen, ...] = ()
    talks: tuple[Talk, ...] = ()
    reason_for_no: str = ""
    reasons: tuple[Reason, ...] = ()
    lacks_key: bool = False

    @property
    def asks_for_more(self) -> bool:
        """Whether there is a text that this client has not signed."""
        return self.text is not None and self.standing.state.status is not Status.SIGNED


@dataclass(frozen=True)
class SeenQuestions:
    """A client's questions as the care team sees them.

    :param label: the client's name, or the code while this therapist waits for that key
    :param lacks_key: this therapist waits for the key to what the client shares
    """

    label: str
    talks: tuple[Talk, ...] = ()
    lacks_key: bool = False


def look_at_questions(*, by: Actor, client: "Client", at: datetime) -> SeenQuestions:
    """Record the look, then open the client's name and questions, and nothing else of the consent."""
    can_open = has_talks(client) and holds_shared_key(by=by, client=client)
    act = Act.CONSENT_ANSWERS_READ if can_open else Act.CLIENT_READ
    receipt = record_look(act, by=by, target=client, purpose=purpose_of(by), at=at)
    seen = SeenQuestions(label_of(by=by, client=client, receipt=receipt))
    try:
        return replace(seen, talks=open_talks(by=by, client=client, receipt=receipt, at=at))
    except NoVault:
        return seen
    except NoGrant:
        return replace(seen, lacks_key=True)


def look_at_consent(*, by: Actor, client: "Client", at: datetime) -> SeenConsent:
    """Record each look, then open what a therapist in care may see. The text itself needs no key."""
    row = newest_record(client)
    acts = _acts_of(by, client)
    receipt, *_ = [record_look(act, by=by, target=client, purpose=purpose_of(by), at=at) for act in acts]
    version = current_version(at=at)
    label = label_of(by=by, client=client, receipt=receipt)
    seen = SeenConsent(state_of(client=client, at=at), label, published(version) if version else None)
    try:
        return _open(seen, _Reading(by, client, receipt, at), row)
    except NoVault:
        return seen
    except NoGrant:
        return replace(seen, lacks_key=True)


def _acts_of(by: Actor, client: "Client") -> list[Act]:
    """Name what will be opened: a log that says more than that is no better than one that says less."""
    if not holds_shared_key(by=by, client=client):
        return [Act.CLIENT_READ]
    signed = Record.objects.filter(client=client)
    said = Event.objects.filter(client=client, sealed_detail__isnull=False)
    # Answers to a text that was signed are opened with its record, and not one by one.
    said = said.exclude(kind=EventKind.SECTION_DONE, version__in=signed.values("version"))
    reasons = EmergencyReason.objects.filter(event__client=client)
    rows = {Act.CONSENT_READ: signed, Act.CONSENT_ANSWERS_READ: said, Act.OVERRIDE_READ: reasons}
    return [act for act, found in rows.items() if found.exists()] or [Act.CLIENT_READ]


@dataclass(frozen=True)
class _Reading:
    """Who opens what, under which look."""

    by: Actor
    client: "Client"
    receipt: Receipt
    at: datetime


def _open(seen: SeenConsent, reading: _Reading, row: Record | None) -> SeenConsent:
    by, client, receipt = reading.by, reading.client, reading.receipt
    return replace(
        seen,
        signed=open_record(by=by, client=client, row=row, receipt=receipt) if row else None,
        other_name=typed_name_differs(by=by, client=client, receipt=receipt),
        unclear=to_discuss(by=by, client=client, receipt=receipt),
        talks=open_talks(by=by, client=client, receipt=receipt, at=reading.at),
        reason_for_no=read_no(by=by, client=client, cause=seen.standing.state.cause, receipt=receipt),
        reasons=read_reasons(by=by, client=client, receipt=receipt),
    )
