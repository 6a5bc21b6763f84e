"""What an invitation link carries: a token that opens nothing alone, and a short code given in the room."""

import hashlib
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from keys.context import Blob, decode, encode
from keys.errors import SealBroken, WrongPassphrase
from keys.kdf import Parameters, expand, stretch
from keys.registry import Label
from keys.sealing import seal, unseal
from keys.services.certifying import InvitationSeeds

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 characters that nobody mistakes for another
_CODE_LENGTH = 6
_INVITED, _RENEWED = "invited/v1", "renewed/v1"


@dataclass(frozen=True, repr=False)
class Token:
    """32 random bytes of a link. Looked up by a hash of a hash, so the database never holds what opens it."""

    raw: bytes

    @classmethod
    def fresh(cls) -> "Token":
        return cls(os.urandom(32))

    @classmethod
    def from_text(cls, text: str) -> "Token":
        """Read a token out of a link.

        :raises WrongPassphrase: not one
        """
        try:
            raw = urlsafe_b64decode(text + "=")
        except ValueError as error:
            raise WrongPassphrase from error
        if len(raw) != 32:
            raise WrongPassphrase
        return cls(raw)

    @property
    def text(self) -> str:
        return urlsafe_b64encode(self.raw).decode("ascii").rstrip("=")

    @property
    def lookup(self) -> bytes:
        return hashlib.sha256(expand(self.raw, Label.INVITE_ID)).digest()

    def key(self, code: str) -> bytes:
        """Derive the key that link and code make together."""
        # Opening is the only check of the code: a stored HMAC would let a mail plus an old backup guess it in hours.
        plain = "".join(code.upper().replace("-", " ").split())
        salt = expand(self.raw, Label.INVITE_SALT)[:16]
        return expand(stretch(plain, Parameters(salt=salt)), Label.INVITE_SEAL, self.raw)


@dataclass(frozen=True, repr=False)
class Invited:
    """What the invited person's own request needs, and a writer of the database cannot change.

    `care_team` holds the key ids of those who get a grant on the client's first vault; `seeds` and `subject` are
    absent for staff, whom a manager confirms by voice. `renews` is for a client who has an account and lost the keys to
    it: sealed, so that no other invitation can be made to end somebody's keys.
    """

    root_id: bytes
    holder: UUID
    subject: UUID | None = None
    care_team: tuple[bytes, ...] = ()
    seeds: InvitationSeeds | None = None
    renews: bool = False

    def to_bytes(self) -> bytes:
        seeds = self.seeds.mldsa + self.seeds.ed25519 if self.seeds else b""
        label = _RENEWED if self.renews else _INVITED
        return encode(label, self.root_id, self.holder, self.subject, seeds, *self.care_team)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Invited":
        renews = raw.startswith(encode(_RENEWED))
        root_id, holder, subject, seeds, *care_team = decode(_RENEWED if renews else _INVITED, raw)
        return cls(
            root_id=root_id,
            holder=UUID(bytes=holder),
            subject=UUID(bytes=subject) if subject else None,
            care_team=tuple(care_team),
            seeds=InvitationSeeds(seeds[:32], seeds[32:]) if seeds else None,
            renews=renews,
        )


def draw_short_code() -> str:
    """Draw the six characters that are given in the room or by phone (30 bits, five tries)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


def seal_invitation(invited: Invited, *, token: Token, code: str, invitation: UUID) -> bytes:
    """Seal an invitation so that only link and code together open it."""
    return seal(token.key(code), invited.to_bytes(), context=encode("invite/v1", invitation))


def open_invitation(blob: Blob, *, token: Token, code: str, invitation: UUID) -> Invited:
    """Open an invitation with link and code. Count the try *before* calling this.

    :raises WrongPassphrase: not this code
    """
    try:
        return Invited.from_bytes(unseal(token.key(code), bytes(blob), context=encode("invite/v1", invitation)))
    except SealBroken as error:
        raise WrongPassphrase from error
