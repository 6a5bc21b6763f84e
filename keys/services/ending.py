"""The end of somebody's keys: from now on they open nothing, are given nothing, and vouch for nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.services.holding import take_all_back
from keys.services.rekeying import retire_identity
from keys.services.replacing import revoke_retired
from keys.services.succeeding import discard_successor
from keys.services.trust import Trust


def end_keys(*, by: Keyring, holder: UUID, at: datetime) -> int:
    """Take back what somebody's keys open, revoke them (``revoke/v1``), and empty their bundle for good.

    What they signed and certified before stays good. Belongs inside the caller's transaction, which ends the account.

    :raises KeyRefused: I may not certify, so nobody would believe my revocation
    :raises SoleHolder: a vault would be left to nobody
    :returns: how many grants were taken back
    """
    if not Trust(by.root_id).vouch(by.key_id).may_certify:
        raise KeyRefused("issuer_may_not_certify")
    with transaction.atomic():
        taken = take_all_back(holder=holder, at=at)
        discard_successor(holder=holder)
        retire_identity(holder=holder, at=at)
        revoke_retired(by=by, holder=holder, at=at)
    return taken
