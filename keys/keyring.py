"""Open keys of the person who is signed in. Lives on one request and is never stored, cached or pickled."""

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn
from uuid import UUID

from keys import wrapping
from keys.context import encode
from keys.errors import KeysLocked
from keys.kdf import expand
from keys.registry import Label
from keys.seeds import Seeds
from keys.signing import VerifyingKey


@dataclass(frozen=True)
class NewMaker:
    """Who made a vault's next key, for somebody who meets it for the first time and did not make it."""

    holder: UUID
    subject: UUID
    kind: str
    generation: int


@dataclass(frozen=True)
class LeftOut:
    """Somebody with a row of a vault's key that nobody signed for, and who was therefore not given the next one.

    `holder` is whose key that is as rows say, if any does.
    """

    holder: UUID | None
    subject: UUID
    kind: str


@dataclass(frozen=True, repr=False)
class Keyring:
    """The open keys of one holder. Its methods use the seeds and never give them out.

    `invited` is the opened invitation of somebody who is still enrolling: it travels sealed beside the seeds, and
    nothing of it waits anywhere else. `met` fills with the later keys that were believed for the first time, and
    `left_out` with the readers who were none: whoever ends the request tells of them.
    """

    holder: UUID
    seeds: Seeds
    invited: bytes = b""
    met: list[NewMaker] = field(default_factory=list, compare=False)
    left_out: list[LeftOut] = field(default_factory=list, compare=False)

    is_open = True

    @property
    def key_id(self) -> bytes:
        return self.seeds.key_id

    @property
    def root_id(self) -> bytes:
        return self.seeds.root_id

    @property
    def verifying(self) -> VerifyingKey:
        """The public halves of the signing keys, from the open seeds and from no row."""
        return self.seeds.signer.public

    def unwrap(self, wrapped: bytes, *, info: bytes) -> bytes:
        """Open a wrap that was made for this person."""
        return wrapping.unwrap(wrapped, by=self.seeds.kem_private, info=info)

    def sign(self, statement: bytes) -> bytes:
        """Sign a statement with both algorithms."""
        return self.seeds.signer.sign(statement)

    def sign_ed25519(self, message: bytes) -> bytes:
        """Sign a record that outsiders check with openssl alone."""
        return self.seeds.signer.sign_ed25519(message)

    def acceptance(self, statement: bytes) -> bytes:
        """Compute the mark this person leaves on a commitment after verifying it in full."""
        return hmac.digest(self._accept_key, encode("accept/v1", self.key_id, statement), hashlib.sha256)

    @cached_property
    def _accept_key(self) -> bytes:
        return expand(self.seeds.xwing, Label.ACCEPT)

    def __reduce__(self) -> NoReturn:
        raise TypeError("open keys are not stored")


class Locked:
    """Nobody's keys: every use fails closed."""

    is_open = False

    def __getattr__(self, name: str) -> NoReturn:
        raise KeysLocked


LOCKED = Locked()
Keys = Keyring | Locked


def require_open(keys: Keys) -> Keyring:
    """Return an open keyring.

    :raises KeysLocked: nobody is signed in with their passphrase
    """
    if isinstance(keys, Locked):
        raise KeysLocked
    return keys
