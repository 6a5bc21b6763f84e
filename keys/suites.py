"""The suites that texts may be sealed with, by the byte that each blob and each generation names.

One suite is written, several may be read, and a retired one is refused as an unknown one is. Nobody ever tries keys or
suites in turn: what the byte says decides, and it is bound into the ciphertext.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from keys.errors import SealBroken


@dataclass(frozen=True)
class Suite:
    """How one suite seals: ``encrypt(key, text, context)``, and the same for `decrypt`, which raises ``SealBroken``."""

    number: int
    encrypt: Callable[[bytes, bytes, bytes], bytes]
    decrypt: Callable[[bytes, bytes, bytes], bytes]


@dataclass
class Suites:
    """What may be read and what is written."""

    known: dict[int, Suite]
    current: int
    retired: frozenset[int] = frozenset()

    @property
    def readable(self) -> frozenset[int]:
        return frozenset(self.known) - self.retired

    def is_readable(self, number: int) -> bool:
        return number in self.known and number not in self.retired

    def find(self, number: int) -> Suite:
        """Find a suite by its byte.

        :raises SealBroken: unknown or retired
        """
        if not self.is_readable(number):
            raise SealBroken
        return self.known[number]


def _encrypt(key: bytes, text: bytes, context: bytes) -> bytes:
    encryptor = Cobblestone256Encryptor(key, context=context)
    return encryptor.update(text) + encryptor.finalize()


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    try:
        decryptor = Cobblestone256Decryptor(key, context=context)
        # Nothing is whole before finalize(): a truncated stream must give no text at all.
        return decryptor.update(sealed) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error


# The first is Cobblestone-256 under a vault key that X-Wing wraps.
SUITES = Suites({1: Suite(1, _encrypt, _decrypt)}, current=1)
