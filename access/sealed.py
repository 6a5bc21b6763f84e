"""The sealed columns of this app."""

from keys.columns import register_sealed

_SERVICE = ("service",)


def register() -> None:
    """Declare them."""
    register_sealed("access.User", "sealed_email", purpose="email", opened_by=_SERVICE)
    register_sealed("access.Invitation", "sealed_email", purpose="email", opened_by=_SERVICE)
    register_sealed("access.Invitation", "sealed_invitation", purpose="invite/v1", opened_by=("link and code",))
    register_sealed("access.KeySession", "sealed_bundle", purpose="session/v1", opened_by=("unlock cookie",))
    register_sealed("access.SetUp", "sealed_progress", purpose="set-up/v1", opened_by=("set-up cookie",))
    register_sealed("access.TotpDevice", "sealed_seed", purpose="totp", opened_by=_SERVICE)
