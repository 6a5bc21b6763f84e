"""The way back for a colleague who lost passphrase and recovery code: new keys that wait for a recovery ceremony."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from access.acting import Actor, Refusal, service
from access.models import Invitation, User
from access.services.equipping import close_browsers
from access.services.inviting import Guest, Letter, consume_invitation, find_invitation, make_invitation, try_code
from access.services.passphrases import Chosen, address_of_account, check_passphrase_strength, known_of
from access.services.recovery_codes import FIRST_ASKED_AFTER, WrongRecoveryCode
from access.services.withdrawing import withdraw_unused
from access.states import State
from audit.actors import Named, Nobody
from audit.acts import Act
from audit.services import record
from keys.errors import WrongPassphrase
from keys.services import install_successor, make_successor, prove_successor


class NobodyToBringBack(Refusal):
    """A client, somebody who left, or oneself: whoever is signed in has their keys."""

    message = "There is no colleague here whose keys you can have renewed."


def find_lost(*, by: Actor, user_id: UUID) -> User:
    """Find a colleague whose keys somebody else may have renewed.

    :raises NobodyToBringBack: see there
    """
    found = _colleagues().filter(pk=user_id).exclude(pk=by.user.pk).first()
    if found is None:
        raise NobodyToBringBack(Named("access.user", user_id))
    return found


def is_invited_back(user: User, *, at: datetime) -> bool:
    """Say whether a link that leads this colleague to new keys still works."""
    return Invitation.objects.working(at).filter(holder=user.pk, subject=None).exists()


@service
@transaction.atomic(durable=True)
def invite_back(*, by: Actor, user_id: UUID, at: datetime) -> Letter:
    """Make a link and a short code with which a colleague makes new keys; those of before are dead.

    :raises NobodyToBringBack: see :func:`find_lost`
    """
    user = find_lost(by=by, user_id=user_id)
    withdraw_unused(holder=user.pk, at=at)
    guest = Guest(address=address_of_account(user), holder=user.pk, display_name=user.display_name)
    letter = make_invitation(by=by, guest=guest, at=at)
    record(Act.RECOVERY_INVITED, by=by, target=user, at=at)
    return letter


def is_way_back(*, token: str, at: datetime) -> bool:
    """Say whether a link is for somebody who works here already.

    :raises InvitationGone: it does not work
    """
    return _colleagues().filter(pk=find_invitation(token=token, at=at).holder).exists()


@service
def make_keys(*, by: Nobody, token: str, code: str, passphrase: str, at: datetime) -> str:
    """Make new keys under a new passphrase. The old ones stay until the ceremony; nothing opens with the new ones yet.

    :returns: the personal recovery code, shown once
    :raises InvitationGone, WrongCode, PassphraseTooWeak: see there
    """
    check_passphrase_strength(passphrase)
    row, invited = try_code(token=token, code=code, at=at)
    user = _colleagues().filter(pk=invited.holder).first()
    if user is None:
        raise NobodyToBringBack(row)
    check_passphrase_strength(passphrase, about=known_of(user))
    chosen = Chosen.derive(passphrase)
    with transaction.atomic(durable=True):
        recovery_code = make_successor(
            holder=user.pk, kek=chosen.kek, verifier=chosen.verifier, root_id=invited.root_id, at=at
        )
        record(Act.INVITATION_TRIED, by=by, target=row, at=at)
    return recovery_code


@service
@transaction.atomic(durable=True)
def prove_keys(*, by: Nobody, token: str, typed: str, at: datetime) -> str:
    """Take the new recovery code typed back.

    :returns: six words to read to whoever leads the ceremony
    :raises WrongRecoveryCode: it does not open the new keys
    :raises InvitationGone: the link does not work any more
    """
    row = find_invitation(token=token, at=at)
    try:
        words = prove_successor(holder=row.holder, code=typed, at=at)
    except WrongPassphrase as error:
        raise WrongRecoveryCode(row) from error
    record(Act.RECOVERY_CODE_SET, by=by, target=row, at=at)
    return words


def put_in_place(user: User, *, at: datetime) -> None:
    """Make the new keys and passphrase somebody's own; the second factor stays. Belongs in the ceremony's transaction.

    :raises KeyRefused: no new keys wait
    :raises InvitationGone: the link was withdrawn meanwhile
    """
    verifier = install_successor(holder=user.pk, at=at)
    User.objects.filter(pk=user.pk).update(password=verifier, recovery_ask_at=at + FIRST_ASKED_AFTER)
    close_browsers(user)
    consume_invitation(user=user, subject=None, at=at)


def _colleagues() -> QuerySet[User]:
    return User.objects.filter(is_staff_member=True, state=State.ACTIVE)
