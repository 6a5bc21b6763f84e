"""What can go wrong with keys, each in one named error."""


class KeysError(Exception):
    """Everything below: catch this to fail closed."""


class KeysLocked(KeysError):
    """Nobody is signed in with their passphrase, so nothing opens."""


class WrongPassphrase(KeysError):
    """The passphrase or code does not open this."""


class CodesRefused(WrongPassphrase):
    """Printed recovery codes that open nothing. The message says what to look at, and never what was typed.

    `number` is of the code that is mistyped, where it is one.
    """

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.number = number


class SealBroken(KeysError):
    """A sealed text was altered, moved to another place, or sealed by a suite we no longer accept."""


class NoGrant(KeysError):
    """This person holds no key to this vault."""


class SoleHolder(KeysError):
    """Nobody else holds this vault's key: taking it back would leave the texts to nobody."""


class NoVault(KeysError):
    """There is no vault of this kind here yet."""


class KeyRefused(KeysError):
    """A key, certificate or commitment is not one we can vouch for.

    `reason` is a short code for the log; it never holds personal text.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooBusy(KeysError):
    """Both places for a passphrase derivation stayed taken; nothing was tried."""
