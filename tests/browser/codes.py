"""Six-digit codes as somebody's phone shows them, and the wait for the next one."""

import time
from base64 import b32decode
from datetime import UTC, datetime, timedelta

from django_otp.oath import TOTP

_MARGIN = timedelta(seconds=1)


def wait_until(moment: datetime) -> None:
    """Wait for a code that is not valid yet."""
    missing = (moment - datetime.now(UTC)) / timedelta(seconds=1)
    if missing > 0:
        time.sleep(missing + _MARGIN / timedelta(seconds=1))


def code_at(secret: str, step: int) -> str:
    """Compute the code of one step of thirty seconds; `secret` is what the page showed, in base32."""
    totp = TOTP(b32decode(secret), step=30)
    totp.time = step * 30
    return f"{totp.token():06d}"
