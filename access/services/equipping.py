"""What somebody at the terminal is handed at once, keys open: for the first person, and for one who lost everything."""

from dataclasses import dataclass
from datetime import datetime

from access.models import KeySession, User
from access.models.devices import BackupCodes, MailedCodeDevice, StandInCode, TotpDevice
from access.services.addresses import look_up
from access.services.passphrases import Chosen, check_passphrase_strength, known_of
from access.services.recovery_codes import FIRST_ASKED_AFTER
from access.sessions import forget_browsers
from access.states import State
from keys.services import Keyring, draw_recovery_code, make_identity, retire_identity


@dataclass(frozen=True, repr=False)
class Equipped:
    """Open keys, the authenticator to confirm, and codes to print once."""

    user: User
    keys: Keyring
    device: TotpDevice
    recovery_code: str
    backup_codes: list[str]


def equip(user: User, keys: Keyring) -> Equipped:
    """Draw second factor and codes for keys that were just made."""
    device = TotpDevice.begin(user.pk)
    return Equipped(user, keys, device, draw_recovery_code(keys), BackupCodes.print_for(user.pk))


def equip_anew(user: User, *, passphrase: str, root_id: bytes, at: datetime) -> Equipped:
    """Retire a colleague's keys and make new ones under a new passphrase, with a new second factor and new codes.

    Every session ends. Belongs inside the transaction that has the new keys certified.

    :raises PassphraseTooWeak: see :func:`check_passphrase_strength`
    """
    check_passphrase_strength(passphrase, about=known_of(user))
    chosen = Chosen.derive(passphrase)
    end_way_in(user)
    retire_identity(holder=user.pk, at=at)
    keys = make_identity(holder=user.pk, kek=chosen.kek, root_id=root_id, at=at)
    # The new recovery code is typed back in the same transaction.
    asked = {"recovery_ask_at": at + FIRST_ASKED_AFTER, "factor_removed_at": None}
    User.objects.filter(pk=user.pk).update(password=chosen.verifier, **asked)
    return equip(user, keys)


def end_way_in(user: User) -> None:
    """Take every second factor and every open session away from somebody."""
    for kind in (TotpDevice, MailedCodeDevice, BackupCodes, StandInCode):
        kind.objects.filter(user=user).delete()
    close_browsers(user)


def close_browsers(user: User) -> None:
    """End every session of somebody, and have every browser forget who it was."""
    KeySession.objects.filter(user=user).delete()
    forget_browsers(user.pk, but="")


def find_colleague(said: str) -> list[User]:
    """Find active colleagues by their whole name or e-mail address, as somebody types it."""
    active = User.objects.filter(is_staff_member=True, state=State.ACTIVE)
    by_address = active.filter(email_lookup=look_up(said)) if "@" in said else active.none()
    return list(by_address or active.filter(display_name__iexact=said.strip()))
