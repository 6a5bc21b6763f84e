"""What an authenticator app and the server share (RFC 6238): six digits every 30 seconds, of one seed."""

import hmac
import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django_otp.oath import TOTP

_STEP_SECONDS = 30
_TOLERANCE = 1  # steps a phone's clock may be off, either way


@dataclass(frozen=True, repr=False)
class TotpSeed:
    """20 random bytes."""

    raw: bytes

    @classmethod
    def fresh(cls) -> "TotpSeed":
        return cls(secrets.token_bytes(20))

    @property
    def text(self) -> str:
        """The seed in base32, for typing into an app by hand."""
        return b32encode(self.raw).decode("ascii")

    def address(self, *, label: str, issuer: str) -> str:
        """Write the otpauth address that an authenticator app reads from a QR code."""
        query = urlencode({"secret": self.text, "issuer": issuer}, quote_via=quote)
        return f"otpauth://totp/{quote(issuer)}:{quote(label)}?{query}"

    def code_for(self, step: int) -> str:
        """Compute the six digits of one 30-second step."""
        totp = TOTP(self.raw, step=_STEP_SECONDS)
        totp.time = step * _STEP_SECONDS
        return f"{totp.token():06d}"

    def find_step(self, token: str, *, after: int) -> int | None:
        """Find the step of a code, now or a neighbour of now; none, if it is no such code.

        :param after: the step of the code that was used last, which no earlier code follows
        """
        now = int(time.time()) // _STEP_SECONDS
        for step in range(max(now - _TOLERANCE, after + 1), now + _TOLERANCE + 1):
            # As bytes: of text, this takes ASCII only, and an error would tell that the passphrase was right.
            if hmac.compare_digest(self.code_for(step).encode(), token.encode()):
                return step
        return None
