"""One value, one sequence of bytes: the part of RFC 8785 (JSON Canonicalization) that entries use.

Floats and keys beyond plain ASCII are where canonical JSON gets hard, so entries have neither.
The bytes never hold a line break: an export with one entry a line is the log itself.
"""

import hashlib
import json
import re
import unicodedata

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

MAX_BYTES = 16 * 1024
MAX_INTEGER = 2**53 - 1

_KEY = re.compile(r"[a-z0-9_]+")


class NotCanonical(ValueError):
    """The value, or the bytes, are not ones that an entry may hold."""


def encode(value: Json) -> bytes:
    """Write a value as RFC 8785 bytes.

    :raises NotCanonical: floats, other types, keys outside ``[a-z0-9_]+``, integers beyond 2^53 - 1,
        strings not in NFC or with lone surrogates, more than 16 KiB
    """
    _check(value)
    body = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if len(body) > MAX_BYTES:
        raise NotCanonical(f"{len(body)} bytes are more than an entry holds")
    return body


def decode(body: bytes) -> Json:
    """Read canonical bytes back.

    :raises NotCanonical: the bytes are not exactly what `encode` writes
    """
    try:
        value: Json = json.loads(body)
        canonical = encode(value)
    except (ValueError, RecursionError) as error:
        raise NotCanonical("not canonical JSON") from error
    if canonical != body:
        raise NotCanonical("the same value has another canonical form")
    return value


def leaf_hash(body: bytes) -> bytes:
    """Hash an entry as a leaf of a Merkle tree: SHA-256(0x00 || body), 32 bytes (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def _check(value: Json) -> None:
    match value:
        case None | bool():
            pass
        case int():
            _check_integer(value)
        case str():
            _check_text(value)
        case list():
            for item in value:
                _check(item)
        case dict():
            for key, item in value.items():
                _check_key(key)
                _check(item)
        case _:
            raise NotCanonical(f"{type(value).__name__} is not for entries")


def _check_integer(number: int) -> None:
    # Beyond this a reader that holds numbers as doubles (JavaScript, Go's default) loses digits.
    if abs(number) > MAX_INTEGER:
        raise NotCanonical("integers stay below 2^53")


def _check_text(text: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical("strings are NFC")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate has no bytes") from error


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise NotCanonical(f"{key!r} is not a plain key")
