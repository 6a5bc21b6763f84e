"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, bind, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from consent.models import EmergencyReason, Event, Record
    from keys.services import Place

DETAIL = "consent-detail/v1"
ENVELOPE = "consent-record/v1"
REASON = "consent-emergency/v1"
MANAGER_LINE = "consent-emergency-manager/v1"

# The columns that each is bound to.
_DETAIL = ("id", "client_id", "kind", "section", "version_id", "question_id", "by", "at", "until", "nonce")
_ENVELOPE = ("record_id",)
_OF_EVENT = ("event_id",)


def register() -> None:
    """Declare them."""
    # What the client says lies in the vault that the client shares.
    details = Texts(_of_client, _DETAIL)
    envelopes = Texts(_of_client, _ENVELOPE, first_hash="ciphertext_sha256")
    register_sealed("consent.Event", "sealed_detail", purpose=DETAIL, opened_by=("shared",), texts=details)
    register_sealed("consent.Record", "sealed_envelope", purpose=ENVELOPE, opened_by=("shared",), texts=envelopes)
    # The reason of an emergency is clinical; a manager, who never reads the record, reviews a line of its own.
    reasons, lines = Texts(_of_event, _OF_EVENT), Texts(_of_event, _OF_EVENT)
    model = "consent.EmergencyReason"
    register_sealed(model, "sealed_reason", purpose=REASON, opened_by=("record",), texts=reasons)
    register_sealed(model, "sealed_manager_line", purpose=MANAGER_LINE, opened_by=("contact",), texts=lines)


def bind_detail(event: "Event") -> tuple[Field, ...]:
    """Bind to every other column of the row: what was said stays with whom, which part and which text it was about."""
    return bind(DETAIL, event, _DETAIL)


def bind_envelope(record: "Record") -> tuple[Field, ...]:
    """Bind to the record's id: all else is signed inside."""
    return bind(ENVELOPE, record, _ENVELOPE)


def bind_reason(reason: "EmergencyReason") -> tuple[Field, ...]:
    """Bind the clinical line to its event."""
    return bind(REASON, reason, _OF_EVENT)


def bind_manager_line(reason: "EmergencyReason") -> tuple[Field, ...]:
    """Bind the manager's line to its event."""
    return bind(MANAGER_LINE, reason, _OF_EVENT)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)


def _of_event(place: "Place") -> Q:
    return Q(event__client=place.subject)
