"""Passphrases: how good one must be, and putting another in the place of one's own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from access.acting import Actor, Refusal, service
from access.guessing import find_weakness
from access.models import User
from access.services.addresses import open_address
from access.services.key_sessions import OpenSession, start_over
from access.services.mailing import mail_notice
from access.services.people import name_of_practice
from access.services.signing_in import KeysRefused, prove_passphrase
from audit.acts import Act
from audit.services import record
from keys.services import Keyring, Parameters, encode_verifier, reseal_identity, split

# Django's own words speak of passwords.
_WEAK = {
    "password_too_short": "Please use at least 14 characters. Six words are easy to keep.",
    "password_too_common": "Lists of stolen passwords hold this one. Please choose another.",
}
_SOON_GUESSED = (
    "This one would soon be guessed: {}. Please take the six drawn words, or at least four words of your own that do "
    "not belong together."
)


class PassphraseTooWeak(Refusal):
    """Too short, too common or too easy to guess."""

    act = Act.PASSPHRASE_REFUSED

    def __init__(self, reasons: list[str]) -> None:
        super().__init__()
        self.message = " ".join(reasons)


class SamePassphrase(Refusal):
    """The new one is the old one."""

    act = Act.PASSPHRASE_REFUSED
    message = "That is the passphrase you have now. Nothing was changed. Please choose another one."


class ChangedMeanwhile(Refusal):
    """Another request changed the passphrase between the look at the old one and now."""

    act = Act.PASSPHRASE_REFUSED
    message = "Your passphrase was changed a moment ago, on another page or device. Nothing more was changed here."


@dataclass(frozen=True, repr=False)
class Chosen:
    """A new passphrase, derived: what the account stores, and what seals the keys."""

    verifier: str
    kek: bytes

    @classmethod
    def derive(cls, passphrase: str) -> "Chosen":
        """Derive under a new salt; one Argon2id."""
        parameters = Parameters.fresh()
        derived = split(passphrase, parameters)
        return cls(encode_verifier(derived.auth, parameters), derived.kek)


@dataclass(frozen=True, repr=False)
class Change:
    """The passphrase somebody has, and the one they want."""

    old: str
    new: str


def check_passphrase_strength(passphrase: str, *, about: Collection[str] = ()) -> None:
    """Accept at least 14 characters that are no common password and would not soon be guessed.

    :param about: names and addresses of this person
    :raises PassphraseTooWeak: with the reasons in plain words
    """
    try:
        validate_password(passphrase)
    except ValidationError as error:
        codes = {str(reason.code) for reason in error.error_list}
        raise PassphraseTooWeak([words for code, words in _WEAK.items() if code in codes]) from error
    if weakness := find_weakness(passphrase, about=about):
        raise PassphraseTooWeak([_SOON_GUESSED.format(weakness)])


@service
def change_passphrase(*, by: Actor, change: Change, browser: str, at: datetime) -> OpenSession:
    """Seal one's keys under another passphrase, and end every session but this one, which goes on.

    Vaults, grants and the recovery code stay as they are.

    :param browser: the session cookie of this request
    :raises PassphraseRefused: the old one is not theirs
    :raises PassphraseTooWeak, SamePassphrase, ChangedMeanwhile, Throttled: see there
    """
    keys, chosen = prove_change(by, change, at)
    with transaction.atomic(durable=True):
        set_passphrase(by.user, keys, chosen)
        opened = start_over(user=by.user, keys=keys, here=by.session, browser=browser, at=at)
        record(Act.PASSPHRASE_CHANGED, by=by, target=by.user, at=at)
    mail_notice(address_of_account(by.user))
    return opened


def set_passphrase(user: User, keys: Keyring, chosen: Chosen) -> None:
    """Store verifier and bundle together, if both still are what was opened. Belongs inside the caller's transaction.

    :raises ChangedMeanwhile: somebody was faster; the caller's transaction keeps nothing
    """
    store_verifier(user, chosen)
    reseal_identity(keys, kek=chosen.kek)


def store_verifier(user: User, chosen: Chosen) -> None:
    """Store what proves a new passphrase, if the account still has what was proven. Belongs inside a transaction.

    :raises ChangedMeanwhile: somebody was faster
    """
    # Of two at once the later one waits for this row, and then finds another verifier than it had proven.
    if not User.objects.filter(pk=user.pk, password=user.password).update(password=chosen.verifier):
        raise ChangedMeanwhile(user)
    user.password = chosen.verifier


def prove_change(by: Actor, change: Change, at: datetime) -> tuple[Keyring, Chosen]:
    """Open the keys with the old passphrase, and derive a new one that is strong enough and another.

    :raises PassphraseRefused, PassphraseTooWeak, SamePassphrase, ChangedMeanwhile, Throttled: see there
    """
    check_passphrase_strength(change.new, about=known_of(by.user))
    keys = _prove_old(by, change.old, at)
    if change.new == change.old:
        raise SamePassphrase(by.user)
    return keys, Chosen.derive(change.new)


def _prove_old(by: Actor, passphrase: str, at: datetime) -> Keyring:
    try:
        return prove_passphrase(by.user, passphrase, by.origin, at)
    except KeysRefused as error:
        # A form sent twice is no sign of altered keys: the verifier this request looked at is only an older one.
        if User.objects.filter(pk=by.user.pk, password=by.user.password).exists():
            raise
        raise ChangedMeanwhile(by.user) from error


def known_of(user: User) -> tuple[str, ...]:
    """Gather what others know of somebody and would try first."""
    return (user.display_name, address_of_account(user), name_of_practice())


def address_of_account(user: User) -> str:
    """Open the address somebody signs in with."""
    return open_address(user.sealed_email, row=user.pk)
