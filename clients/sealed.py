"""The sealed columns of this app."""

from keys.columns import register_sealed


def register() -> None:
    """Declare them."""
    register_sealed("clients.Client", "sealed_contact", purpose="client-contact/v1", opened_by=("contact",))
