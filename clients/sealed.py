"""The sealed columns of this app."""

from keys.columns import register_sealed

LETTER = "client-letter/v1"


def register() -> None:
    """Declare them."""
    register_sealed("clients.Client", "sealed_contact", purpose="client-contact/v1", opened_by=("contact",))
    register_sealed("clients.CareLetter", "sealed_text", purpose=LETTER, opened_by=("shared",))
