"""The sealed columns of this app."""

from keys.columns import register_sealed

DETAIL = "consent-detail/v1"
ENVELOPE = "consent-record/v1"
REASON = "consent-emergency/v1"
MANAGER_LINE = "consent-emergency-manager/v1"


def register() -> None:
    """Declare them."""
    # What the client says lies in the vault that the client shares.
    register_sealed("consent.Event", "sealed_detail", purpose=DETAIL, opened_by=("shared",))
    register_sealed("consent.Record", "sealed_envelope", purpose=ENVELOPE, opened_by=("shared",))
    # The reason of an emergency is clinical; a manager, who never reads the record, reviews a line of its own.
    register_sealed("consent.EmergencyReason", "sealed_reason", purpose=REASON, opened_by=("record",))
    register_sealed("consent.EmergencyReason", "sealed_manager_line", purpose=MANAGER_LINE, opened_by=("contact",))
