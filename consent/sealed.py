"""The sealed columns of this app."""

from keys.columns import register_sealed


def register() -> None:
    """Declare them."""
    # What the client says lies in the vault that the client shares; the reason of an emergency is clinical.
    register_sealed("consent.Event", "sealed_detail", purpose="consent-detail/v1", opened_by=("shared", "record"))
    register_sealed("consent.Record", "sealed_envelope", purpose="consent-record/v1", opened_by=("shared",))
