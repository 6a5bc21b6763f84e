"""What lies in the database, and how a secret in it might be spelled."""

from base64 import b64encode, urlsafe_b64encode

from django.apps import apps


def dump() -> bytes:
    """Write every column of every row as bytes."""
    parts = []
    for model in apps.get_models():
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                parts.append(bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode())
    return b"\0".join(parts)


def spellings(secret: bytes) -> list[bytes]:
    """Write a secret in every way in which it might have been stored."""
    return [secret, secret.hex().encode(), b64encode(secret), urlsafe_b64encode(secret).rstrip(b"=")]
