"""What the server itself may open while nobody is signed in: second-factor seeds and mail addresses, nothing else."""

import hashlib
import hmac

from django.conf import settings

from keys.context import Blob, Field, encode
from keys.kdf import expand
from keys.registry import Label
from keys.sealing import seal, unseal


def seal_for_service(text: bytes, *, bound_to: tuple[Field, ...]) -> bytes:
    """Seal under SERVICE_KEY, bound to the row that keeps it."""
    return seal(_key(), text, context=encode("service/v1", *bound_to))


def open_for_service(blob: Blob, *, bound_to: tuple[Field, ...]) -> bytes:
    """Open what :func:`seal_for_service` sealed for this row.

    :raises SealBroken: altered, or taken from another row
    """
    return unseal(_key(), bytes(blob), context=encode("service/v1", *bound_to))


def service_mac(label: Label, *fields: Field) -> bytes:
    """Compute a 32-byte HMAC for looking a value up without storing it."""
    return hmac.digest(expand(settings.SERVICE_KEY, label), encode(label, *fields), hashlib.sha256)


def _key() -> bytes:
    return expand(settings.SERVICE_KEY, Label.SERVICE_SEAL)
