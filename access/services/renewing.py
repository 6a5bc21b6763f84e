"""A client's account made ready for new keys: their old passphrase is forgotten, and they came with link and code."""

from datetime import datetime
from uuid import UUID

from access.models import User
from access.services.equipping import end_way_in
from access.services.inviting import InvitationGone
from access.services.passphrases import Chosen
from access.states import State
from keys.services import discard_identity, retire_identity


def begin_anew(holder: UUID, chosen: Chosen, *, at: datetime) -> User:
    """End the keys, sessions and second factor of a client, who enrolls once more. Belongs inside a transaction.

    What the old keys signed still verifies. Keys of a first try that was not finished are thrown away.

    :raises InvitationGone: there is no such account of a client
    """
    clients = User.objects.select_for_update().filter(is_staff_member=False)
    user = clients.filter(pk=holder, state__in=[State.ACTIVE, State.ENROLLING]).first()
    if user is None:
        raise InvitationGone
    end_way_in(user)
    if user.state == State.ENROLLING:
        discard_identity(holder=holder)
    else:
        retire_identity(holder=holder, at=at)
    user.password, user.state, user.factor_removed_at = chosen.verifier, State.ENROLLING, None
    user.save(update_fields=["password", "state", "factor_removed_at"])
    return user
