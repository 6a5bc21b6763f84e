"""Errors of this app that are no refusals."""


class PassphraseNeedsKeys(RuntimeError):
    """A passphrase set without the old keys would leave everything behind it sealed for ever."""
