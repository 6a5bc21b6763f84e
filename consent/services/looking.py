"""What a therapist sees of a client's consent, opened after one look."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.purposes import purpose_of
from consent.kinds import DocumentKind
from consent.models import Record
from consent.publication import Screen
from consent.services.comparing import typed_name_differs
from consent.services.deciding import Standing, state_of
from consent.services.discussing import to_discuss
from consent.services.overriding import Reason, read_reasons
from consent.services.publishing import current_text
from consent.services.reading import open_answers
from consent.services.records import SignedRecord, open_record
from consent.services.refusing import read_no
from consent.services.talking import Talk, look_at_talks
from keys.errors import NoGrant, NoVault

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True)
class SeenConsent:
    """A client's consent as the care team sees it.

    :param signed: the newest record, also where it is no longer in force
    :param other_name: the typed name, where it is not the practice's
    :param unclear: what still waits for a talk
    :param reason_for_no: why the client said no, if they said why
    :param lacks_key: this therapist waits for the key to what the client shares
    """

    standing: Standing
    signed: SignedRecord | None = None
    other_name: str | None = None
    unclear: tuple[Screen, ...] = ()
    talks: tuple[Talk, ...] = ()
    reason_for_no: str = ""
    reasons: tuple[Reason, ...] = ()
    lacks_key: bool = False


def look_at_questions(*, by: Actor, client: "Client", at: datetime) -> tuple[Talk, ...] | None:
    """Record the look, then open the client's questions; None while this therapist waits for the key."""
    try:
        return look_at_talks(by=by, client=client, at=at)
    except NoGrant:
        return None


def look_at_consent(*, by: Actor, client: "Client", at: datetime) -> SeenConsent:
    """Record the look, then open what a therapist in care may see."""
    receipt = record_look(Act.CONSENT_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    standing = state_of(client=client, at=at)
    try:
        return _open(by, client, standing, receipt, at)
    except NoVault:
        return SeenConsent(standing)
    except NoGrant:
        return SeenConsent(standing, lacks_key=True)


def _open(by: Actor, client: "Client", standing: Standing, receipt: Receipt, at: datetime) -> SeenConsent:
    row = Record.objects.filter(client=client).select_related("version").order_by("-signed_at").first()
    text = current_text(DocumentKind.CONFIDENTIALITY, at=at)
    said = open_answers(by=by, client=client, text=text, receipt=receipt, at=at)
    return SeenConsent(
        standing=standing,
        signed=open_record(by=by, client=client, row=row, receipt=receipt) if row else None,
        other_name=typed_name_differs(by=by, client=client, receipt=receipt),
        unclear=to_discuss(by=by, client=client, receipt=receipt),
        talks=said.talks,
        reason_for_no=read_no(by=by, client=client, cause=standing.state.cause, receipt=receipt),
        reasons=read_reasons(by=by, client=client, receipt=receipt),
    )
