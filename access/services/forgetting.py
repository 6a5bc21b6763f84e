"""Removing an account with what belongs to it: second factors, sessions, roles, and where mail went."""

from uuid import UUID

from access.models import Invitation, RoleHeld, User


def remove_account(user: User) -> None:
    """Remove somebody's account. Their keys are the caller's, inside whose transaction this belongs."""
    RoleHeld.objects.filter(user=user).delete()
    # Sessions and second factors go with the row; whatever else still needs it makes this fail as a whole.
    user.delete()


def forget_invitations(*, subject: UUID) -> None:
    """Remove a client's invitations, whose rows know the address that they went to."""
    Invitation.objects.filter(subject=subject).delete()
