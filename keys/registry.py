"""The compositions that may be used: key-derivation limits and labels; `keys.suites` has the suites."""

from dataclasses import dataclass
from enum import StrEnum

FORMAT = 1
BUCKET = 1024  # bytes; a sealed text shows its size only in these steps


class Label(StrEnum):
    """Purposes of derived keys. Each is used once; a test holds them apart."""

    AUTH = "auth/v1"
    KEK = "kek/v1"
    COMMIT = "commit/v1"
    NEXT = "next/v1"
    ACCEPT = "accept/v1"
    RECOVERY_CODE = "recovery-code/v1"
    RECOVERY_SHARE = "recovery-share/v1"
    RECOVERY_SHEET = "recovery-sheet/v1"
    PRK_XWING = "prk-xwing/v1"
    ROOT_MLDSA = "root-mldsa/v1"
    ROOT_ED25519 = "root-ed25519/v1"
    INVITE_ID = "invite-id/v1"
    INVITE_SALT = "invite-salt/v1"
    INVITE_SEAL = "invite-seal/v1"
    SERVICE_SEAL = "service-seal/v1"
    EMAIL_LOOKUP = "email-lookup/v1"
    MAILED_CODE = "mailed-code/v1"
    BACKUP_CODE = "backup-code/v1"
    STAND_IN_CODE = "stand-in-code/v1"
    SET_UP_CODE = "set-up-code/v1"
    THROTTLE = "throttle/v1"
    LOG_MAC = "log-mac/v1"
    ADOPTED_READER = "adopted-reader/v1"
    BACKUP_MANIFEST = "backup-manifest/v1"


@dataclass(frozen=True)
class KdfLimits:
    """What a row may ask of Argon2id: a writer of the database must not downgrade it, nor exhaust the memory.

    Memory in KiB. `lanes` is always 1: with two or more, the library hangs when two threads derive at once.
    """

    memory: tuple[int, int] = (65_536, 262_144)
    iterations: tuple[int, int] = (3, 10)
    lanes: int = 1

    def allow(self, *, memory: int, iterations: int) -> bool:
        low_memory, high_memory = self.memory
        low_iterations, high_iterations = self.iterations
        return low_memory <= memory <= high_memory and low_iterations <= iterations <= high_iterations


KDF = KdfLimits()
PEPPERS = frozenset({1})
