"""Mail addresses: an HMAC to look them up, a seal under the service key to send to them."""

from uuid import UUID

from keys.context import Blob
from keys.services import Label, open_for_service, seal_for_service, service_mac


def look_up(address: str) -> bytes:
    """Compute what finds an address again: 32 bytes. Case and space around it do not matter."""
    return service_mac(Label.EMAIL_LOOKUP, address.strip().casefold())


def seal_address(address: str, *, row: UUID) -> bytes:
    """Seal an address for the row that keeps it."""
    return seal_for_service(address.strip().encode("utf-8"), bound_to=("email", row))


def open_address(sealed: Blob, *, row: UUID) -> str:
    """Open an address, for sending a fixed text."""
    return open_for_service(sealed, bound_to=("email", row)).decode("utf-8")
