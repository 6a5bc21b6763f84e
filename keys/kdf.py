"""One passphrase, one Argon2id, two keys: `auth` proves, `kek` opens.

Neither can be computed from the other (siblings of one HKDF-Expand, RFC 5869), and what the database stores is
SHA-256(auth): no cheaper to guess than the key itself.
"""

import fcntl
import hashlib
import hmac
import os
import time
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from django.conf import settings
from django.utils.module_loading import import_string

from keys.context import encode
from keys.errors import KeyRefused, TooBusy
from keys.registry import KDF, PEPPERS, Label

SLOTS = 2  # derivations at once over all workers: 64 MiB each
_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Parameters:
    """How one passphrase is derived. `memory` in KiB, `salt` 16 bytes."""

    salt: bytes
    memory: int = KDF.memory[0]
    iterations: int = KDF.iterations[0]
    pepper_id: int = 1

    @classmethod
    def fresh(cls) -> "Parameters":
        return cls(salt=os.urandom(16))

    def check(self) -> None:
        """Refuse parameters outside the registry before any memory is taken.

        :raises KeyRefused: below the floor, above the ceiling, or an unknown pepper
        """
        if not KDF.allow(memory=self.memory, iterations=self.iterations) or len(self.salt) != 16:
            raise KeyRefused("kdf_parameters")
        if self.pepper_id not in PEPPERS:
            raise KeyRefused("kdf_pepper")


@dataclass(frozen=True, repr=False)
class Split:
    """Two 32-byte siblings: `auth` to prove, `kek` to open."""

    auth: bytes
    kek: bytes


def expand(key: bytes, label: Label, *fields: bytes | str) -> bytes:
    """Derive 32 bytes for one purpose (HKDF-Expand, SHA-256, RFC 5869)."""
    return HKDFExpand(hashes.SHA256(), 32, encode(label, *fields)).derive(key)


def extract(secret: bytes, label: Label, *fields: bytes | str) -> bytes:
    """Derive 32 bytes from a random secret shorter than a hash, such as a printed code (HKDF, RFC 5869)."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=encode(label, *fields)).derive(secret)


def split(passphrase: str, parameters: Parameters) -> Split:
    """Derive the two keys of a passphrase, at most two at once on this machine.

    :raises KeyRefused: parameters outside the registry
    :raises TooBusy: no place came free in 30 seconds
    """
    prk = stretch(passphrase, parameters)
    return Split(auth=expand(prk, Label.AUTH), kek=expand(prk, Label.KEK))


def stretch(secret: str, parameters: Parameters) -> bytes:
    """Run Argon2id over a passphrase or short code and return its 32 bytes."""
    parameters.check()
    derive = cast("Callable[[bytes, Parameters], bytes]", import_string(settings.KEYS_DERIVE))
    return derive(unicodedata.normalize("NFC", secret).encode("utf-8"), parameters)


def argon2id(secret: bytes, parameters: Parameters) -> bytes:
    """Derive 32 bytes (RFC 9106), holding one of the two places while it runs."""
    with _slot():
        return Argon2id(
            salt=parameters.salt,
            length=32,
            iterations=parameters.iterations,
            lanes=KDF.lanes,
            memory_cost=parameters.memory,
            secret=settings.PEPPER,
        ).derive(secret)


def encode_verifier(auth: bytes, parameters: Parameters) -> str:
    """Write what the user row stores: ``split1$memory$iterations$pepper$salt$SHA-256(auth)``."""
    proof = hashlib.sha256(auth).digest()
    numbers = f"{parameters.memory}${parameters.iterations}${parameters.pepper_id}"
    return f"split1${numbers}${b64encode(parameters.salt).decode()}${b64encode(proof).decode()}"


def read_verifier(stored: str) -> tuple[Parameters, bytes]:
    """Read a stored verifier back.

    :raises KeyRefused: not of this form
    """
    try:
        name, memory, iterations, pepper_id, salt, proof = stored.split("$")
        if name != "split1":
            raise ValueError(name)
        parameters = Parameters(b64decode(salt, validate=True), int(memory), int(iterations), int(pepper_id))
        return parameters, b64decode(proof, validate=True)
    except ValueError as error:
        raise KeyRefused("verifier_form") from error


def proves(auth: bytes, proof: bytes) -> bool:
    """Say whether `auth` is the one whose SHA-256 is stored, in constant time."""
    return hmac.compare_digest(hashlib.sha256(auth).digest(), proof)


@contextmanager
def _slot() -> Iterator[None]:
    # File locks, because the bound holds over all worker processes, and the kernel frees them when one is killed.
    folder = Path(settings.RUN_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = [os.open(folder / f"argon2.{n}", os.O_RDWR | os.O_CREAT, 0o600) for n in range(SLOTS)]
    try:
        _take_one(files)
        yield
    finally:
        for file in files:
            os.close(file)


def _take_one(files: list[int]) -> None:
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        for file in files:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return
        time.sleep(0.02)
    raise TooBusy
