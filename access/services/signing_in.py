"""Signing in: throttle, then one Argon2id, then verifier, then the second factor, and only then the keys."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django_otp import match_token
from django_otp.models import Device

from access.acting import Actor, Refusal, service
from access.models import User
from access.roles import Role
from access.services.addresses import look_up
from access.services.key_sessions import OpenSession, close_session, freshen, open_session
from access.services.people import roles_of
from access.services.throttling import PER_ADDRESS, PER_NETWORK, count_try, forget_tries
from access.states import State
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.services import record
from keys.errors import KeyRefused, WrongPassphrase
from keys.services import LOCKED, Keyring, Parameters, Split, open_identity, proves, read_verifier, split


class SignInRefused(Refusal):
    """Address, passphrase or code did not match; which one is not said."""

    act = Act.SIGN_IN_FAILED
    message = "That did not match. Please check the address, the passphrase and the code, and try again."


class KeysRefused(SignInRefused):
    """The passphrase proves right and still does not open these keys: somebody changed the rows."""

    act = Act.KEY_REFUSED
    message = "Your keys here are not the ones you made. Nothing was opened. Please tell the person who runs Subrosa."


class AccountHeld(KeysRefused):
    """A restore brought these keys back, and no manager has confirmed them yet."""

    message = (
        "The practice was restored from a backup, and your account waits for a manager to confirm it. Please call."
    )


class PassphraseRefused(Refusal):
    """The passphrase did not match."""

    act = Act.SIGN_IN_FAILED
    message = "That is not your passphrase. Please try again."


@dataclass(frozen=True, repr=False)
class Proof:
    """What somebody typed to sign in."""

    address: str
    passphrase: str
    code: str


@service
def sign_in(*, by: Nobody, proof: Proof, at: datetime) -> tuple[OpenSession, Device]:
    """Open a session for address, passphrase and code, given together: no half-open key waits anywhere.

    :raises SignInRefused: something did not match; nothing was opened
    :raises KeysRefused: the rows of this person's keys were changed
    :raises Throttled: too many tries from this network or for this address
    """
    count_sign_in(by.origin, proof.address, at)
    user = User.objects.filter(email_lookup=look_up(proof.address)).exclude(state=State.ENDED).first()
    kek = _check_passphrase(user, proof.passphrase)
    device = match_token(user, proof.code.strip()) if user and kek else None
    if user is None or kek is None or device is None:
        raise SignInRefused(user)
    keys = _open_keys(user, kek)
    forget_tries(PER_ADDRESS, proof.address)
    return _open(user, keys, by.origin, Act.SIGNED_IN, at=at), device


@service
def reopen(*, by: Nobody, user: User, passphrase: str, opened_at: datetime, at: datetime) -> OpenSession:
    """Open a session again after the idle lock, on the same device, with the passphrase alone.

    :raises PassphraseRefused: not the passphrase
    """
    keys = prove_passphrase(user, passphrase, by.origin, at)
    return _open(user, keys, by.origin, Act.REOPENED, at=at, opened_at=opened_at)


@service
def reauthenticate(*, by: Actor, passphrase: str, at: datetime) -> None:
    """Take the passphrase once more before an act that wants it fresh; it then holds for ten minutes.

    :raises PassphraseRefused: not the passphrase
    """
    prove_passphrase(by.user, passphrase, by.origin, at)
    with transaction.atomic(durable=True):
        if by.session is not None:
            freshen(by.session, at=at)
        record(Act.REAUTHENTICATED, by=by, target=by.user, at=at)


@transaction.atomic(durable=True)
def sign_out(*, by: Actor, at: datetime) -> None:
    """Close the session of this request: its cookie opens nothing any more."""
    if by.session is not None:
        close_session(by.session)
    record(Act.SIGNED_OUT, by=by, target=by.user, at=at)


def prove_passphrase(user: User, passphrase: str, origin: Origin, at: datetime) -> Keyring:
    """Open somebody's keys with their passphrase, counted like every try.

    :raises PassphraseRefused: not theirs
    :raises KeysRefused, Throttled: see there
    """
    count_sign_in(origin, str(user.pk), at)
    derived = check_split(user, passphrase)
    if derived is None:
        raise PassphraseRefused(user)
    forget_tries(PER_ADDRESS, str(user.pk))
    return _open_keys(user, derived.kek)


def check_split(user: User, passphrase: str) -> Split | None:
    """Derive a person's two keys if the passphrase is theirs.

    :raises KeysRefused: the stored verifier is none, or asks for parameters that we do not accept
    """
    try:
        parameters, stored = read_verifier(user.password)
        derived = split(passphrase, parameters)
    except KeyRefused as error:
        raise KeysRefused(user) from error
    return derived if proves(derived.auth, stored) else None


def acting_role(user: User) -> Role:
    """Choose the role somebody signs in as: that of an unfinished account, else the first they hold."""
    held = roles_of(user)
    return next(role for role in Role if role in held)


def _check_passphrase(user: User | None, passphrase: str) -> bytes | None:
    if user is None:
        split(passphrase, Parameters.fresh())  # the same work as for somebody we know
        return None
    derived = check_split(user, passphrase)
    return derived.kek if derived else None


def _open_keys(user: User, kek: bytes) -> Keyring:
    try:
        return open_identity(holder=user.pk, kek=kek)
    except KeyRefused as error:
        raise (AccountHeld if error.reason == "held" else KeysRefused)(user) from error
    except WrongPassphrase as error:
        raise KeysRefused(user) from error


def count_sign_in(origin: Origin, value: str, at: datetime) -> None:
    """Count one try to get in, by network and by person, before anything is derived.

    :raises Throttled: either is full
    """
    count_try(PER_NETWORK, origin.net, at=at)
    count_try(PER_ADDRESS, value, at=at)


@transaction.atomic(durable=True)
def _open(
    user: User, keys: Keyring, origin: Origin, act: Act, *, at: datetime, opened_at: datetime | None = None
) -> OpenSession:
    opened = open_session(user=user, keys=keys, at=at, opened_at=opened_at)
    actor = Actor(user, acting_role(user), LOCKED, opened.id, origin)
    record(act, by=actor, target=user, at=at)
    return opened
