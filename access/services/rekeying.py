"""Somebody knows my passphrase: other keys, under another passphrase, with everything the old ones opened."""

from datetime import datetime

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.models import User
from access.roles import Role
from access.services.key_sessions import OpenSession, start_over
from access.services.mailing import mail_notice
from access.services.passphrases import Change, address_of_account, prove_change, store_verifier
from access.services.people import staff_with
from audit.acts import Act
from audit.services import record
from keys.errors import KeyRefused
from keys.services import Keyring, draw_recovery_code, replace_pair, require_open, vouch_for_holder, vouches_for_next


class NobodyVouchesForNext(Refusal):
    """The chain of certificates is at its end, and no other manager could vouch for the new keys."""

    act = Act.KEY_REFUSED
    message = (
        "Your keys were replaced so often, each pair vouching for the next, that the chain to the practice’s root ends "
        "here, and there is no other manager who could confirm new ones. Nothing was changed. Have new keys made "
        "with the printed recovery sheets, at the practice’s computer: manage.py recover."
    )


@service
def replace_keys(*, by: Actor, change: Change, browser: str, at: datetime) -> tuple[OpenSession, str]:
    """Replace one's keys and passphrase, end every session but this one, and have the keys of one's vaults replaced.

    Who may certify goes on as before, a few times in a row. Anybody else reads what is theirs, and writes again once a
    manager has compared their six words. Whoever has the old keys *and* an old copy of the database still opens what
    lies in that copy.

    :param browser: the session cookie of this request
    :raises PassphraseRefused, PassphraseTooWeak, SamePassphrase, ChangedMeanwhile, Throttled: as for a new passphrase
    :raises NobodyVouchesForNext: no other manager could make the chain of certificates short again
    :returns: the session that goes on; and for staff a new recovery code, to show once, as the old one opens nothing
    """
    old, chosen = prove_change(by, change, at)
    if by.user.roles_held.filter(role=Role.MANAGER).exists() and not (vouches_for_next(old) or _another_can(by, old)):
        raise NobodyVouchesForNext(by.user)
    with transaction.atomic(durable=True):
        store_verifier(by.user, chosen)
        keys = replace_pair(old=old, kek=chosen.kek, at=at)
        # Clients have none: their therapist shares again.
        code = draw_recovery_code(keys) if by.user.is_staff_member else ""
        # Until it was typed back, the account goes no further.
        User.objects.filter(pk=by.user.pk).update(recovery_ask_at=None)
        opened = start_over(user=by.user, keys=keys, here=by.session, browser=browser, at=at)
        record(Act.KEY_REPLACED, by=by, target=by.user, at=at)
    mail_notice(address_of_account(by.user))
    return opened, code


def confirms_itself(*, by: Actor) -> bool:
    """Say whether this person's next keys are vouched for by the ones they have now."""
    return vouches_for_next(require_open(by.keys))


def _another_can(by: Actor, keys: Keyring) -> bool:
    """Say whether another manager is vouched for, who may compare six words."""
    for manager in staff_with(Role.MANAGER):
        try:
            if manager != by.user and vouch_for_holder(by=keys, holder=manager.pk).may_certify:
                return True
        except KeyRefused:
            continue
    return False
