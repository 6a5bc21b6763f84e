"""The form of a stored verifier, as Django knows it. Checking one is :mod:`access.services.signing_in`'s work."""

from typing import NoReturn

from django.contrib.auth.hashers import BasePasswordHasher

from access.errors import PassphraseNeedsKeys


class SplitHasher(BasePasswordHasher):
    """Refuses every way by which Django would set or upgrade a verifier apart from the keys behind it."""

    algorithm = "split1"

    def encode(self, password: str, salt: str) -> NoReturn:
        raise PassphraseNeedsKeys

    def verify(self, password: str, encoded: str) -> NoReturn:
        raise PassphraseNeedsKeys

    def must_update(self, encoded: str) -> bool:
        """Never: parameters change only together with a re-sealed bundle."""
        return False
