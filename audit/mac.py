"""A mark that only the application can set, so that a row planted in the database is told apart."""

import hmac

from django.conf import settings

from keys.registry import Label
from keys.services import expand


def log_mac_key() -> bytes:
    """Derive the 32-byte key of the log's marks from SERVICE_KEY, which is kept outside the database."""
    return expand(settings.SERVICE_KEY, Label.LOG_MAC)


def mac_of(body: bytes) -> bytes:
    """Compute HMAC-SHA-256 over an entry's bytes, 32 bytes."""
    return hmac.digest(log_mac_key(), body, "sha256")


def mac_is_good(body: bytes | memoryview, mac: bytes | memoryview) -> bool:
    """Say whether the application, not somebody at the database, wrote these bytes."""
    return hmac.compare_digest(mac_of(bytes(body)), bytes(mac))
