"""Whose entries in the log are not shown to managers and auditors: those of clients who are kept from managers."""

from collections.abc import Collection
from uuid import UUID

from access.services.inviting import traces_of_invitations
from audit.acts import Act
from audit.services import Unseen, handles_named
from clients.models import Care, Client
from clients.models.cover import Cover
from clients.models.custody import Handed
from clients.models.retention import Tombstone


def unseen_in_log() -> Unseen:
    """Gather what names a restricted record in the log: its handle, the client's account, and refusals to its team.

    Of a destroyed one only the log itself still knows the handle.
    """
    hidden = {row.pk: row for row in Client.objects.filter(hidden=True)}
    handles = {row.audit_handle for row in hidden.values()}
    if gone := list(Tombstone.objects.filter(hidden=True).values_list("pk", flat=True)):
        handles |= handles_named(Act.DESTRUCTION_DONE, targets=gone)
    if not hidden:
        return Unseen(frozenset(handles))
    accounts = {row.user_id for row in hidden.values() if row.user_id}
    return Unseen(frozenset(handles), frozenset(_ids(accounts, hidden)), frozenset(_refused(hidden)))


def _ids(accounts: set[UUID], hidden: Collection[UUID]) -> set[UUID]:
    """List accounts and invitations, but the account of somebody whom managers know by another record."""
    known = Client.objects.filter(hidden=False)
    rest = traces_of_invitations(known.values_list("pk", flat=True))
    rest |= set(known.exclude(user=None).values_list("user", flat=True))
    return (accounts | traces_of_invitations(hidden)) - rest


def _refused(hidden: Collection[UUID]) -> set[tuple[str, UUID]]:
    # Not everybody's: whoever tries an address would learn from the missing entry that it is somebody's.
    pairs = [
        *Care.objects.filter(client__in=hidden).values_list("therapist", "client"),
        *Cover.objects.filter(client__in=hidden).values_list("colleague", "client"),
        *Handed.objects.filter(client__in=hidden).values_list("release__will__custodian", "client"),
    ]
    return {(f"u_{user_id}", client_id) for user_id, client_id in pairs}
