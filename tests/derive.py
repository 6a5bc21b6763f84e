"""The real Argon2id, run once for each passphrase and salt: the suite signs the same people in hundreds of times."""

from functools import cache

from keys.kdf import Parameters, argon2id


@cache
def memoised(secret: bytes, parameters: Parameters) -> bytes:
    """Derive what :func:`keys.kdf.argon2id` derives, from memory the second time."""
    return argon2id(secret, parameters)
