"""Bytes that bind a ciphertext, a wrap or a signature to the one place it belongs to."""

from datetime import UTC, date, datetime
from functools import lru_cache
from uuid import UUID

Field = bytes | str | int | UUID | datetime | date | None

# What a binary column gives back: PostgreSQL's driver answers with a view.
Blob = bytes | memoryview

_PREFIX = b"subrosa/"


def encode(purpose: str, *fields: Field) -> bytes:
    """Write `purpose` and every field, each behind its length, so that no two lists of fields give the same bytes.

    Plain concatenation collides ("1" + "23" is "12" + "3").

    :param purpose: ASCII label without a NUL, such as ``"gen/v1"``
    :raises ValueError: `purpose` is no such label
    :returns: ``subrosa/<purpose>`` NUL, then for each field a 4-byte big-endian length and its bytes
    """
    return _head(purpose) + encode_fields(*fields)


def encode_fields(*fields: Field) -> bytes:
    """Write what stands behind the purpose alone: what is encoded often may be written once."""
    parts: list[bytes] = []
    for field in fields:
        raw = field if type(field) is bytes else raw_of(field)
        parts += (len(raw).to_bytes(4, "big"), raw)
    return b"".join(parts)


def decode(purpose: str, encoded: bytes) -> list[bytes]:
    """Read back the raw fields of :func:`encode`.

    :raises ValueError: other purpose, or bytes left over
    """
    head = _head(purpose)
    if not encoded.startswith(head):
        raise ValueError("not a " + purpose)
    fields, at = [], len(head)
    while at < len(encoded):
        size = int.from_bytes(encoded[at : at + 4], "big")
        fields.append(encoded[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(encoded):
        raise ValueError("cut short")
    return fields


def raw_of(field: Field) -> bytes:
    """Write one field's own bytes."""
    match field:
        case None:
            return b""
        case bytes():
            return field
        case str():
            return field.encode("utf-8")
        case UUID():
            return field.bytes
        case datetime():
            return field.astimezone(UTC).isoformat(timespec="microseconds").encode("ascii")
        case date():
            return field.isoformat().encode("ascii")
        case _:
            return field.to_bytes(8, "big")


# There are as many labels as the formats name.
@lru_cache(maxsize=256)
def _head(purpose: str) -> bytes:
    if "\0" in purpose:
        raise ValueError("a label ends at its first NUL")
    return _PREFIX + purpose.encode("ascii") + b"\0"
