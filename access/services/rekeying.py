"""Somebody knows my passphrase: other keys, under another passphrase, with everything the old ones opened."""

from datetime import datetime

from django.db import transaction

from access.acting import Actor, service
from access.models import User
from access.services.key_sessions import OpenSession, start_over
from access.services.mailing import mail_notice
from access.services.passphrases import Change, address_of_account, prove_change, store_verifier
from audit.acts import Act
from audit.services import record
from keys.services import draw_recovery_code, replace_pair


@service
def replace_keys(*, by: Actor, change: Change, browser: str, at: datetime) -> tuple[OpenSession, str]:
    """Replace one's keys and passphrase, end every session but this one, and have the keys of one's vaults replaced.

    Who may certify goes on as before. Anybody else reads what is theirs, and writes again once a colleague has compared
    their six words. Whoever has the old keys *and* an old copy of the database still opens what lies in that copy.

    :param browser: the session cookie of this request
    :raises PassphraseRefused, PassphraseTooWeak, SamePassphrase, ChangedMeanwhile, Throttled: as for a new passphrase
    :raises KeyRefused: the chain of certificates would grow too long; the recovery ceremony makes it short again
    :returns: the session that goes on; and for staff a new recovery code, to show once, as the old one opens nothing
    """
    old, chosen = prove_change(by, change, at)
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
