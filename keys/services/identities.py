"""A person's keys: made in their own request, opened by their own passphrase."""

import os
import uuid
from datetime import datetime
from uuid import UUID

from keys.codes import draw_code, read_code
from keys.context import Blob, encode
from keys.errors import KeyRefused, SealBroken, WrongPassphrase
from keys.kdf import extract
from keys.keyring import Keyring
from keys.models import Certificate, Identity
from keys.registry import Label
from keys.sealing import seal, unseal
from keys.seeds import SIZE, Seeds


def make_identity(*, holder: UUID, kek: bytes, root_id: bytes, at: datetime, invited: bytes = b"") -> Keyring:
    """Make a person's keys, sealed under their passphrase, with the practice root pinned inside."""
    keyring = Keyring(holder, Seeds.fresh(root_id), invited)
    identity = store_public(keyring.seeds, holder=holder, at=at)
    identity.sealed_bundle = seal(kek, keyring.seeds.to_bytes(), context=_context_of(identity))
    identity.save(update_fields=["sealed_bundle"])
    return keyring


def store_public(seeds: Seeds, *, holder: UUID, at: datetime) -> Identity:
    """Store the public halves of a pair of keys, with no bundle."""
    return Identity.objects.create(
        holder=holder,
        key_id=seeds.key_id,
        kem_public=seeds.kem_public,
        sig_public=seeds.signer.public.raw,
        made_at=at,
    )


def open_identity(*, holder: UUID, kek: bytes) -> Keyring:
    """Open a person's keys with the key of their passphrase.

    :raises WrongPassphrase: this key does not open the bundle
    :raises KeyRefused: the public keys in the database are not the ones in the bundle; ``held`` and ``no_identity``
        after a restore, for keys that nobody has confirmed yet or that the backup did not have
    """
    identity = current_identity(holder)
    if identity is None or not identity.sealed_bundle:
        raise KeyRefused("no_identity" if identity is None else "held")
    try:
        raw = unseal(kek, bytes(identity.sealed_bundle), context=_context_of(identity))
    except SealBroken as error:
        raise WrongPassphrase from error
    return _keyring_of(identity, raw)


def reseal_identity(keyring: Keyring, *, kek: bytes) -> None:
    """Seal open keys under another passphrase: from now on the old one opens nothing here.

    The epoch goes up, so that a bundle of before, put back by somebody who writes the database, is none.

    :raises KeyRefused: these are not their holder's keys any more, or a restore holds them
    """
    rows = Identity.objects.select_for_update().exclude(sealed_bundle=b"")
    identity = rows.filter(key_id=keyring.key_id, holder=keyring.holder).first()
    if identity is None:
        raise KeyRefused("no_identity")
    identity.epoch += 1
    identity.sealed_bundle = seal(kek, keyring.seeds.to_bytes(), context=_context_of(identity))
    identity.save(update_fields=["epoch", "sealed_bundle"])


def current_identity(holder: UUID) -> Identity | None:
    """Find the pair of keys that is somebody's now, among those they had before."""
    return Identity.objects.filter(holder=holder, retired_at=None).first()


def discard_identity(*, holder: UUID) -> None:
    """Remove the keys of somebody who did not finish enrolling, with their certificates."""
    current = Identity.objects.filter(holder=holder, retired_at=None)
    Certificate.objects.filter(key_id__in=current.values("key_id")).delete()
    current.delete()


def seal_for_session(keyring: Keyring, *, unlock_key: bytes, unlock_id: UUID) -> bytes:
    """Seal open keys under the random key that only the browser's cookie holds."""
    context = encode("session/v1", keyring.holder, unlock_id)
    return seal(unlock_key, keyring.seeds.to_bytes() + keyring.invited, context=context)


def open_from_session(blob: Blob, *, holder: UUID, unlock_key: bytes, unlock_id: UUID) -> Keyring:
    """Open the keys of a session with the browser's half.

    :raises SealBroken: another cookie, another session, another person
    """
    raw = unseal(unlock_key, bytes(blob), context=encode("session/v1", holder, unlock_id))
    return Keyring(holder, Seeds.from_bytes(raw[:SIZE]), invited=raw[SIZE:])


def draw_recovery_code(keyring: Keyring) -> str:
    """Draw a personal recovery code and seal the bundle under it. It is shown once; nothing here can show it again."""
    code = draw_code()
    keep_recovery_code(keyring, code)
    return code


def keep_recovery_code(keyring: Keyring, code: str) -> None:
    """Seal the bundle under a personal recovery code that was just drawn; the one before opens nothing then."""
    serial = uuid.uuid4()
    identity = Identity.objects.get(holder=keyring.holder, retired_at=None)
    key = extract(read_code(code), Label.RECOVERY_CODE)
    context = recovery_context(identity.holder, bytes(identity.key_id), serial)
    identity.recovery_serial = serial
    identity.sealed_recovery = seal(key, keyring.seeds.to_bytes(), context=context)
    identity.save(update_fields=["recovery_serial", "sealed_recovery"])


def open_with_recovery_code(*, holder: UUID, code: str) -> Keyring:
    """Open a person's keys with their personal recovery code; the code stays good.

    :raises WrongPassphrase: a typing error, or not the code that was printed last
    :raises KeyRefused: the public keys in the database are not the ones that it opens
    """
    identity = current_identity(holder)
    if identity is None or identity.recovery_serial is None:
        raise WrongPassphrase
    key = extract(read_code(code), Label.RECOVERY_CODE)
    context = recovery_context(identity.holder, bytes(identity.key_id), identity.recovery_serial)
    try:
        raw = unseal(key, bytes(identity.sealed_recovery), context=context)
    except SealBroken as error:
        raise WrongPassphrase from error
    return _keyring_of(identity, raw)


def use_up_recovery_code(keyring: Keyring) -> None:
    """End the personal recovery code that somebody came back with: it opens nothing a second time."""
    rows = Identity.objects.filter(key_id=keyring.key_id, holder=keyring.holder)
    rows.update(recovery_serial=None, sealed_recovery=b"")


def fresh_unlock_key() -> bytes:
    """Draw the 32 bytes that the unlock cookie carries."""
    return os.urandom(32)


def _keyring_of(identity: Identity, raw: bytes) -> Keyring:
    seeds = Seeds.from_bytes(raw)
    same = seeds.kem_public == bytes(identity.kem_public) and seeds.signer.public.raw == bytes(identity.sig_public)
    if not same:
        raise KeyRefused("public_key_changed")
    return Keyring(identity.holder, seeds)


def bundle_context(holder: UUID, key_id: bytes, epoch: int) -> bytes:
    """Write what a bundle is bound to."""
    return encode("bundle/v1", holder, key_id, epoch)


def _context_of(identity: Identity) -> bytes:
    return bundle_context(identity.holder, bytes(identity.key_id), identity.epoch)


def recovery_context(holder: UUID, key_id: bytes, serial: UUID) -> bytes:
    """Write what a bundle under a personal recovery code is bound to."""
    # Without the epoch: a change of passphrase must not kill the printed code.
    return encode("recovery/v1", holder, key_id, serial)
