"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from consent.models import EmergencyReason, Event, Record
    from keys.services import Place

DETAIL = "consent-detail/v1"
ENVELOPE = "consent-record/v1"
REASON = "consent-emergency/v1"
MANAGER_LINE = "consent-emergency-manager/v1"


def register() -> None:
    """Declare them."""
    # What the client says lies in the vault that the client shares.
    details = Texts(_of_client, bind_detail)
    envelopes = Texts(_of_client, bind_envelope, first_hash="ciphertext_sha256")
    register_sealed("consent.Event", "sealed_detail", purpose=DETAIL, opened_by=("shared",), texts=details)
    register_sealed("consent.Record", "sealed_envelope", purpose=ENVELOPE, opened_by=("shared",), texts=envelopes)
    # The reason of an emergency is clinical; a manager, who never reads the record, reviews a line of its own.
    reasons, lines = Texts(_of_event, bind_reason), Texts(_of_event, bind_manager_line)
    model = "consent.EmergencyReason"
    register_sealed(model, "sealed_reason", purpose=REASON, opened_by=("record",), texts=reasons)
    register_sealed(model, "sealed_manager_line", purpose=MANAGER_LINE, opened_by=("contact",), texts=lines)


def bind_detail(event: "Event") -> tuple[Field, ...]:
    """Bind to every other column of the row: what was said stays with whom, which part and which text it was about."""
    return (
        DETAIL,
        event.id,
        event.client_id,
        event.kind,
        event.section,
        event.version_id,
        event.question_id,
        event.by,
        event.at,
        event.until,
        event.nonce,
    )


def bind_envelope(record: "Record") -> tuple[Field, ...]:
    """Bind to the record's id: all else is signed inside."""
    return (ENVELOPE, record.record_id)


def bind_reason(reason: "EmergencyReason") -> tuple[Field, ...]:
    """Bind the clinical line to its event."""
    return (REASON, reason.event_id)


def bind_manager_line(reason: "EmergencyReason") -> tuple[Field, ...]:
    """Bind the manager's line to its event."""
    return (MANAGER_LINE, reason.event_id)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)


def _of_event(place: "Place") -> Q:
    return Q(event__client=place.subject)
