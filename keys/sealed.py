"""The sealed columns of this app."""

from keys.columns import register_sealed


def register() -> None:
    """Declare them."""
    register_sealed("keys.Identity", "sealed_bundle", purpose="bundle/v1", opened_by=("passphrase",))
    register_sealed("keys.Identity", "sealed_recovery", purpose="recovery/v1", opened_by=("recovery code",))
    register_sealed("keys.HeldBundle", "sealed_bundle", purpose="bundle/v1", opened_by=("passphrase",))
    register_sealed("keys.HeldBundle", "sealed_recovery", purpose="recovery/v1", opened_by=("recovery code",))
    register_sealed("keys.Successor", "sealed_bundle", purpose="bundle/v1", opened_by=("passphrase",))
    register_sealed("keys.Successor", "sealed_recovery", purpose="recovery/v1", opened_by=("recovery code",))
    register_sealed("keys.RecoveryShare", "sealed_seed", purpose="recovery-share/v1", opened_by=("printed codes",))
