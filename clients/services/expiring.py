"""The end of keys that were lent for a time: it needs nobody's keys, and nobody there."""

from datetime import datetime

from django.db import transaction

from audit.actors import System
from audit.acts import Act
from audit.services import record
from keys.services import delete_expired_grants, has_expired_grants


def expire_keys(*, at: datetime) -> int:
    """Remove the keys whose time is over, of covers and of whoever had something to finish.

    The keys of those vaults are replaced after that, beside the pages of whoever holds them.

    :returns: how many were removed
    """
    # Asked first: where there is nothing to do, nobody waits for whoever writes.
    if not has_expired_grants(at=at):
        return 0
    with transaction.atomic(durable=True):
        deleted = delete_expired_grants(at=at)
        if deleted:
            record(Act.KEY_EXPIRED, by=System(), at=at)
    return deleted
